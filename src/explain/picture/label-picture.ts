import type { ExplainedLabel } from '../explanation.js';
import type { LabelTrace } from '../label-trace.js';
import { type PlotFrame, toFrame, toTimeScale } from './frame.js';
import { toElement, toMarkupText } from './markup.js';
import { type PlacedNote, placeNotes } from './notes.js';
import { drawPlot, drawTimeAxis } from './plot.js';
import { drawStateLanes, LANES_PX } from './state-lanes.js';

/** Width of a picture, in CSS pixels: it fits the column of usual documents. */
export const WIDTH = 840;
const LEFT = 62;
const RIGHT = WIDTH - 74;
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
export function drawLabel({ trace, turns, summary }: ExplainedLabel): Drawing {
  const { points, thresholds } = trace;
  const highest = points.reduce(
    (most, { score, average }) => Math.max(most, score, average),
    thresholds.enter,
  );
  const notes = placeNotes(turns, toTimeScale(LEFT, RIGHT, trace), { left: 0, right: WIDTH });
  const rows = notes.reduce((most, { row }) => Math.max(most, row + 1), 0);
  const top = HEAD_PX + rows * ROW_PX + 10;
  const bottom = top + PLOT_PX;
  const frame = toFrame({ left: LEFT, right: RIGHT, top, bottom }, { ...trace, highest });
  const lanesTop = bottom + 12;
  const segmentsTop = lanesTop + LANES_PX + 6;
  const end = segmentsTop + SEGMENT_PX + 4;
  const left = turns.filter(({ note }) => note !== null).length - notes.length;
  const more = left === 0 ? '' : `; here is room for ${notes.length} of ${notes.length + left} notes`;
  const markup = [
    toElement('text', { class: 'label', x: 0, y: 16 }, toMarkupText(trace.label)),
    toElement('text', { class: 'quiet', x: 0, y: 34 }, toMarkupText(summary + more)),
    drawTimeAxis(top, end, frame, trace),
    drawPlot(trace, frame),
    drawStateLanes(trace, lanesTop, frame),
    drawSegments(trace, segmentsTop, frame),
    ...notes.map((note) => drawNote(note, frame)),
  ];
  return { markup: markup.join('\n'), height: end + RULER_PX };
}

function drawSegments({ segments, endMs }: LabelTrace, top: number, { left, toX }: PlotFrame): string {
  const name = toElement(
    'text',
    { class: 'quiet small', x: left - 8, y: top + 9, 'text-anchor': 'end' },
    'segments',
  );
  const bars = segments.map((segment) =>
    toElement('rect', {
      class: 'segment',
      x: toX(segment.startMs),
      y: top,
      width: Math.max(2, toX(segment.endMs ?? endMs) - toX(segment.startMs)),
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
