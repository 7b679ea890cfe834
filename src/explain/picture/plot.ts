import { toTicks, toTickStep, toTickText } from '../../report/time-ticks.js';
import { toScoreText } from '../number-text.js';
import type { Figure } from './figure.js';
import type { PlotFrame, TimeSpan } from './frame.js';
import { dropHidden } from './hidden-spans.js';
import { toElement } from './markup.js';
import { toDotsPath, toLinePath } from './score-paths.js';

const TICK_SPACE_PX = 84;
const TEXT_PX = 13;
/** More scores than this are drawn as a line: dots would be a blot. */
export const MOST_DOTS = 350;

/** Scores, average and thresholds over media time, between the segments and where nothing could be seen. */
export function drawPlot(figure: Figure, frame: PlotFrame): string {
  return [
    drawScoreAxis(frame),
    drawSpans(figure, frame),
    drawScores(figure, frame),
    toElement('path', { class: 'average', d: toLinePath(figure, 'average', frame) }),
    drawThresholds(figure, frame),
  ].join('');
}

/** Ruler of media time, whose lines begin at `top` and end at `bottom`. */
export function drawTimeAxis(
  top: number,
  bottom: number,
  frame: PlotFrame,
  { startMs, endMs }: TimeSpan,
): string {
  const { left, right, toX } = frame;
  const stepMs = toTickStep(endMs - startMs, (right - left) / TICK_SPACE_PX);
  return toTicks(startMs, endMs, stepMs, null)
    .map((ms) => {
      const x = toX(ms);
      const rule = toElement('line', { class: 'rule', x1: x, x2: x, y1: top, y2: bottom });
      const place = { class: 'quiet small', x, y: bottom + TEXT_PX, 'text-anchor': 'middle' };
      return rule + toElement('text', place, toTickText(ms, stepMs, null));
    })
    .join('');
}

function drawScoreAxis({ left, right, toY, topScore }: PlotFrame): string {
  return [0, topScore / 2, topScore]
    .map((score) => {
      const y = toY(score);
      const text = topScore >= 1 ? score.toFixed(1) : score.toFixed(2);
      return (
        toElement('line', { class: 'rule', x1: left, x2: right, y1: y, y2: y }) +
        toElement('text', { class: 'quiet small', x: left - 8, y: y + 4, 'text-anchor': 'end' }, text)
      );
    })
    .join('');
}

function drawSpans({ segments, blind, endMs }: Figure, frame: PlotFrame): string {
  const { top, bottom, toX } = frame;
  const ended = segments.map((segment) => ({ startMs: segment.startMs, endMs: segment.endMs ?? endMs }));
  const draw = (name: string, span: TimeSpan) =>
    toElement('rect', {
      class: name,
      x: toX(span.startMs),
      y: top,
      width: Math.max(1, toX(span.endMs) - toX(span.startMs)),
      height: bottom - top,
    });
  return [
    ...dropHidden(ended, frame).map((segment) => draw('segment-time', segment)),
    ...dropHidden(blind, frame).map((gap) => draw('blind', gap)),
  ].join('');
}

function drawScores(figure: Figure, frame: PlotFrame): string {
  if (figure.points.length <= MOST_DOTS)
    return toElement('path', { class: 'dots', d: toDotsPath(figure, frame) });
  return toElement('path', { class: 'scores', d: toLinePath(figure, 'score', frame) });
}

function drawThresholds({ thresholds: { enter, exit } }: Figure, { left, right, toY }: PlotFrame): string {
  const apart = Math.max(0, TEXT_PX - (toY(exit) - toY(enter))) / 2;
  return [
    { name: 'enter', value: enter, other: exit, shift: -apart },
    { name: 'exit', value: exit, other: enter, shift: apart },
  ]
    .map(({ name, value, other, shift }) => {
      const y = toY(value);
      return (
        toElement('line', { class: `threshold ${name}`, x1: left, x2: right, y1: y, y2: y }) +
        toElement(
          'text',
          { class: 'small', x: right + 6, y: y + 4 + shift },
          `${name} ${toScoreText(value, other)}`,
        )
      );
    })
    .join('');
}
