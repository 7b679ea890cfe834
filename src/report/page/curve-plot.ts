import { effect } from '@preact/signals';
import type uPlot from 'uplot';
import type { ReportSegment, Span } from '../report-data.js';
import { findFirstAfter } from './lanes.js';
import { paintGaps, toX } from './lanes-painter.js';
import { INKS, type Inks, LABEL_COLORS } from '../palette.js';
import type { LabelModel } from './report-model.js';
import { toScorePoints } from './score-curve.js';
import type { SourceState } from './source-state.js';
import { theme } from './theme.js';
import type { Box } from './thumbnail-tiles.js';
import { openTimePlot } from './time-plot.js';

const ABOVE_PX = 8;
/** Chromium without a GPU takes five times as long for a wider one. */
const LINE_PX = 1;
const SHADE = 0.14;
const PLATE_PX = 14;

/** The curve of the label in question with its thresholds, over the same time as the lanes. */
export interface CurvePlot {
  readonly resize: (width: number, height: number) => void;
  readonly close: () => void;
}

interface CurveScene {
  readonly range: Span;
  readonly gaps: readonly Span[];
  readonly label: LabelModel | null;
  /** Those that the filter leaves. */
  readonly segments: readonly ReportSegment[];
  readonly inks: Inks;
  readonly color: string;
}

export function openCurvePlot(element: HTMLElement, state: SourceState): CurvePlot {
  let scene = toScene(state);
  const { plot, show, resize, close } = openTimePlot(element, state, {
    abovePx: ABOVE_PX,
    hasRuler: false,
    series: [{ stroke: () => scene.color, width: LINE_PX, points: { show: false } }],
    data: toData(state, scene.label),
    paint: (context, box) => paintBehind(context, box, scene),
    paintOver: (context, box) => paintThresholds(context, box, scene),
  });
  const stop = effect(() => {
    const { label } = scene;
    scene = toScene(state);
    if (scene.label !== label) plot.setData(toData(state, scene.label), false);
    show();
  });
  return {
    resize,
    close: () => {
      stop();
      close();
    },
  };
}

function toScene({ view, source, label, lanes }: SourceState): CurveScene {
  const shown = label.value;
  return {
    range: view.range.value,
    gaps: source.data.gaps,
    label: shown,
    segments: lanes.value.find((lane) => lane.label === shown)?.segments ?? [],
    inks: INKS[theme.value],
    color: LABEL_COLORS[theme.value][shown?.color ?? 0]!,
  };
}

function toData(state: SourceState, label: LabelModel | null): uPlot.AlignedData {
  const curve = label === null ? null : state.curveOf(label);
  if (curve === null) return [[0], [null]];
  const { timesMs, scores } = toScorePoints(curve);
  return [timesMs, scores];
}

function paintBehind(context: CanvasRenderingContext2D, box: Box, scene: CurveScene): void {
  const { range, segments, inks, color } = scene;
  context.save();
  context.beginPath();
  context.rect(box.left, 0, box.width, box.top + box.height);
  context.clip();
  paintGaps(context, box, scene);
  for (const level of [0, 0.5, 1]) {
    context.fillStyle = inks.line;
    context.fillRect(box.left, Math.round(toY(level, box)) - (level === 0 ? 1 : 0), box.width, 1);
  }
  context.fillStyle = color;
  context.globalAlpha = SHADE;
  for (let n = findFirstAfter(segments, range.startMs); n < segments.length; n++) {
    if (segments[n]!.startMs >= range.endMs) break;
    const left = Math.max(box.left, toX(segments[n]!.startMs, range, box));
    const right = Math.min(box.left + box.width, toX(segments[n]!.endMs, range, box));
    context.fillRect(left, box.top, Math.max(1, right - left), box.height);
  }
  context.restore();
}

function paintThresholds(context: CanvasRenderingContext2D, box: Box, { label, inks }: CurveScene): void {
  if (label === null) return;
  const lines = [
    { value: label.enter, text: `enter ${label.enter.toFixed(2)}`, dash: [5, 3], isAbove: true },
    { value: label.exit, text: `exit ${label.exit.toFixed(2)}`, dash: [1, 3], isAbove: false },
  ];
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'right';
  context.lineWidth = 1;
  context.strokeStyle = inks.text;
  for (const { value, text, dash, isAbove } of lines) {
    const y = Math.round(toY(value, box)) + 0.5;
    const right = box.left + box.width;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(box.left, y);
    context.lineTo(right, y);
    context.stroke();
    const width = context.measureText(text).width + 8;
    context.globalAlpha = 0.85;
    context.fillStyle = inks.surface;
    context.fillRect(right - width, isAbove ? y - PLATE_PX - 1 : y + 1, width, PLATE_PX);
    context.globalAlpha = 1;
    context.fillStyle = inks.text;
    context.textBaseline = isAbove ? 'bottom' : 'top';
    context.fillText(text, right - 4, isAbove ? y - 2 : y + 3);
  }
  context.setLineDash([]);
}

function toY(value: number, { top, height }: Box): number {
  return top + (1 - value) * height;
}
