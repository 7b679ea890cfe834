import type { ExplainedLabel } from '../explanation.js';
import { type Figure, toFigure } from './figure.js';
import { type PlotFrame, toFrame, toTimeScale } from './frame.js';
import { dropHidden } from './hidden-spans.js';
import { toElement, toMarkupText } from './markup.js';
import { type PlacedNote, placeNotes } from './notes.js';
import { drawPlot, drawTimeAxis } from './plot.js';
import { drawStateLanes, LANES_PX } from './state-lanes.js';

/** Width of a picture, in CSS pixels: it fits the column of usual documents. */
export const WIDTH = 840;
const LEFT = 62;
/** Right of the plot, for the names of its thresholds. */
const RIGHT = 74;
const HEAD_PX = 42;
const ROW_PX = 15;
const PLOT_PX = 170;
const SEGMENT_PX = 10;
const RULER_PX = 20;

/** Markup whose own top is 0, and its height. */
export interface Drawing {
  readonly markup: string;
  readonly height: number;
}

/** What a label went through: words, scores and average, states, segments, media time. */
export function drawLabel(explained: ExplainedLabel): Drawing {
  const { trace, turns, summary } = explained;
  const figure = drawFigure(toFigure(explained), { top: HEAD_PX, width: WIDTH });
  const noted = turns.filter(({ note }) => note !== null).length;
  const more = noted === figure.noteCount ? '' : `; here is room for ${figure.noteCount} of ${noted} notes`;
  const head = [
    toElement('text', { class: 'label', x: 0, y: 16 }, toMarkupText(trace.label)),
    toElement('text', { class: 'quiet', x: 0, y: 34 }, toMarkupText(summary + more)),
  ];
  return { markup: [...head, figure.markup].join('\n'), height: figure.height };
}

/** The same without its head, from `top` on; its height counts from 0. */
export function drawFigure(
  figure: Figure,
  { top, width }: { readonly top: number; readonly width: number },
): Drawing & { readonly noteCount: number } {
  const [left, right] = [LEFT, width - RIGHT];
  const highest = figure.points.reduce(
    (most, { score, average }) => Math.max(most, score, average),
    figure.thresholds.enter,
  );
  const notes = placeNotes(figure.turns, toTimeScale(left, right, figure), { left: 0, right: width });
  const rows = notes.reduce((most, { row }) => Math.max(most, row + 1), 0);
  const plotTop = top + rows * ROW_PX + 10;
  const bottom = plotTop + PLOT_PX;
  const frame = toFrame({ left, right, top: plotTop, bottom }, { ...figure, highest });
  const lanesTop = bottom + 12;
  const segmentsTop = lanesTop + LANES_PX + 6;
  const end = segmentsTop + SEGMENT_PX + 4;
  const markup = [
    drawTimeAxis(plotTop, end, frame, figure),
    drawPlot(figure, frame),
    drawStateLanes(figure.stays, lanesTop, frame),
    drawSegments(figure, segmentsTop, frame),
    ...notes.map((note) => drawNote(note, frame)),
  ];
  return { markup: markup.join('\n'), height: end + RULER_PX, noteCount: notes.length };
}

function drawSegments({ segments, endMs }: Figure, top: number, frame: PlotFrame): string {
  const { left, toX } = frame;
  const name = toElement(
    'text',
    { class: 'quiet small', x: left - 8, y: top + 9, 'text-anchor': 'end' },
    'segments',
  );
  const ended = segments.map((segment) => ({ startMs: segment.startMs, endMs: segment.endMs ?? endMs }));
  const bars = dropHidden(ended, frame).map((segment) =>
    toElement('rect', {
      class: 'segment',
      x: toX(segment.startMs),
      y: top,
      width: Math.max(2, toX(segment.endMs) - toX(segment.startMs)),
      height: SEGMENT_PX,
      rx: 3,
    }),
  );
  return [name, ...bars].join('');
}

function drawNote({ turn, text, x, from, row }: PlacedNote, { top, toY }: PlotFrame): string {
  const y = top - 8 - row * ROW_PX;
  const pointY = turn.average === null ? top : toY(turn.average);
  return [
    toElement('line', { class: 'lead', x1: x, x2: x, y1: y + 3, y2: pointY }),
    toElement('text', { class: 'note', x: from, y }, text),
    turn.average === null ? '' : toElement('circle', { class: 'point', cx: x, cy: pointY, r: 3.5 }),
  ].join('');
}
