import { effect } from '@preact/signals';
import { type LanesScene, paintLanes, paintStrip } from './lanes-painter.js';
import { INKS, LABEL_COLORS } from '../palette.js';
import type { SourceState } from './source-state.js';
import { theme } from './theme.js';
import { openTimePlot } from './time-plot.js';
import { timelineLayout, toStripPx } from './timeline-layout.js';

const STRIP_GAP_PX = 6;

/** The strip, the ruler and the lanes of a source on one canvas, which follows whatever its state says. */
export interface LanesPlot {
  readonly resize: (width: number, height: number) => void;
  /** How far the rows are scrolled, in CSS pixels. */
  readonly scroll: (px: number) => void;
  readonly close: () => void;
}

export function openLanesPlot(element: HTMLElement, state: SourceState): LanesPlot {
  const { tiles, source } = state;
  const stripPx = toStripPx(timelineLayout.peek(), tiles !== null);
  let scene: LanesScene | null = null;
  let hasPictures = false;
  let scrolledPx = 0;
  const plot = openTimePlot(element, state, {
    abovePx: stripPx,
    hasRuler: true,
    series: [{ show: false }],
    data: [
      [0, state.view.lengthMs],
      [null, null],
    ],
    paint: (context, box) => {
      if (scene === null) return;
      paintLanes(context, box, scene, scrolledPx);
      const strip = { left: box.left, top: 0, width: box.width, height: stripPx - STRIP_GAP_PX };
      if (tiles !== null && hasPictures) paintStrip(context, strip, scene, tiles, source.lengthMs);
    },
  });
  const stop = effect(() => {
    scene = toScene(state);
    hasPictures = tiles?.isReady() ?? false;
    plot.show();
  });
  return {
    resize: plot.resize,
    scroll: (px) => {
      scrolledPx = px;
      plot.show();
    },
    close: () => {
      stop();
      plot.close();
    },
  };
}

/** Reads all that the canvas shows, so that whoever reads it in an effect follows it. */
function toScene({ view, lanes, source, chosen, pointedLane }: SourceState): LanesScene {
  const label = chosen.value?.label;
  return {
    range: view.range.value,
    lanes: lanes.value,
    gaps: source.data.gaps,
    layout: timelineLayout.peek(),
    inks: INKS[theme.value],
    colors: LABEL_COLORS[theme.value],
    pointedLane: pointedLane.value,
    chosenLane: lanes.value.find((lane) => lane.label === label) ?? null,
    chosenSegment: chosen.value?.segment ?? null,
  };
}
