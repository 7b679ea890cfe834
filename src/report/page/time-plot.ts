import uPlot from 'uplot';
import { INKS, type Inks } from '../palette.js';
import type { SourceState } from './source-state.js';
import { theme } from './theme.js';
import type { Box } from './thumbnail-tiles.js';
import { TICK_STEPS_MS, toTicks, toTickText } from '../time-ticks.js';
import { timelineLayout } from './timeline-layout.js';

const FONT = '12px system-ui, sans-serif';
const SPACE_PX = 84;
const DIGIT_PX = 7;

type Paint = (context: CanvasRenderingContext2D, box: Box) => void;

/** What differs between the plots that share a time axis. */
export interface TimePlotParts {
  /** CSS pixels above the plotting area that `paint` fills, without the ruler. */
  readonly abovePx: number;
  readonly hasRuler: boolean;
  readonly series: uPlot.Series[];
  readonly data: uPlot.AlignedData;
  /** Paint under and over the series; the box is the plotting area in CSS pixels. */
  readonly paint: Paint;
  readonly paintOver?: Paint;
}

/** A uPlot whose horizontal axis is the view of a source. */
export interface TimePlot {
  readonly plot: uPlot;
  /** Paints it once more. An effect that calls it follows the view, the clock and the theme. */
  readonly show: () => void;
  readonly resize: (width: number, height: number) => void;
  readonly close: () => void;
}

/** How its axis looks. */
interface Look {
  readonly wallMs: number | null;
  readonly inks: Inks;
}

/** Makes one inside an element. uPlot brings the axis, the scales, the series and the pixels of the screen. */
export function openTimePlot(element: HTMLElement, state: SourceState, parts: TimePlotParts): TimePlot {
  const { insetPx, rulerPx } = timelineLayout.peek();
  let look: Look = { wallMs: state.wallMs.peek(), inks: INKS[theme.peek()] };
  const plot = new uPlot(
    {
      width: Math.max(1, element.clientWidth),
      height: Math.max(1, element.clientHeight),
      padding: [parts.abovePx, insetPx, 0, insetPx],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: [0, 1] } },
      axes: [toRuler(parts.hasRuler ? rulerPx : 0, () => look), { show: false }],
      series: [{}, ...parts.series],
      hooks: {
        drawAxes: [(self) => paintInside(self, parts.paint)],
        draw: [(self) => paintInside(self, parts.paintOver)],
      },
    },
    parts.data,
    element,
  );
  return {
    plot,
    show: () => {
      look = { wallMs: state.wallMs.value, inks: INKS[theme.value] };
      const { startMs, endMs } = state.view.range.value;
      plot.batch(() => {
        plot.setScale('x', { min: startMs, max: endMs });
        plot.redraw(false, true);
      });
    },
    resize: (width, height) => {
      if (width > 0 && height > 0 && (width !== plot.width || height !== plot.height))
        plot.setSize({ width, height });
    },
    close: () => plot.destroy(),
  };
}

function toRuler(size: number, look: () => Look): uPlot.Axis {
  return {
    side: 0,
    size,
    gap: 6,
    font: FONT,
    stroke: () => look().inks.quiet,
    space: SPACE_PX,
    incrs: [...TICK_STEPS_MS],
    splits: (_plot, _axis, min, max, stepMs) => toTicks(min, max, stepMs, look().wallMs),
    values: (plot, ticks, _axis, _space, stepMs) =>
      ticks.map((tick) => {
        const text = size === 0 ? '' : toTickText(tick, stepMs, look().wallMs);
        return fits(text, plot.valToPos(tick, 'x'), plot) ? text : '';
      }),
    grid: { stroke: () => look().inks.line, width: 1 },
    ticks: { show: false },
  };
}

/** Whether a text in the middle of a place is whole there. */
function fits(text: string, px: number, { bbox }: uPlot): boolean {
  const half = (text.length * DIGIT_PX) / 2;
  const { insetPx } = timelineLayout.peek();
  return px + insetPx >= half && bbox.width / uPlot.pxRatio + insetPx - px >= half;
}

function paintInside({ ctx, bbox }: uPlot, paint: Paint | undefined): void {
  if (paint === undefined) return;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.scale(ratio, ratio);
  paint(ctx, {
    left: bbox.left / ratio,
    top: bbox.top / ratio,
    width: bbox.width / ratio,
    height: bbox.height / ratio,
  });
  ctx.restore();
}
