import { effect } from '@preact/signals';
import type { Lane } from './lanes.js';
import { openLanesPlot } from './lanes-plot.js';
import type { SourceState } from './source-state.js';
import { followGestures } from './timeline-gestures.js';
import { timelineLayout, toHeadPx } from './timeline-layout.js';

const LEAST_PX = 200;
const MOST_SHARE = 0.6;
/** Nothing is scrolled for so few rows. */
const SPARED_ROWS = 3;

/** The elements of a timeline: all of it, its rows that scroll, and in them the stage that stands still with its canvas. */
export interface TimelineElements {
  readonly frame: HTMLElement;
  readonly rows: HTMLElement;
  readonly stage: HTMLElement;
  readonly host: HTMLElement;
}

/** Puts the lanes on the stage and lets the pointer move them; returns what takes them off. */
export function openTimelineStage(
  { frame, rows, stage, host }: TimelineElements,
  state: SourceState,
  onScrollable: (isScrollable: boolean) => void,
): () => void {
  const layout = timelineLayout.peek();
  const headPx = toHeadPx(layout, state.tiles !== null);
  const plot = openLanesPlot(host, state);

  const toLane = (y: number): Lane | null =>
    y < headPx
      ? null
      : (state.lanes.peek()[Math.floor((y - headPx + rows.scrollTop) / layout.rowPx)] ?? null);
  const resize = (laneCount: number) => {
    const wholePx = headPx + Math.max(1, laneCount) * layout.rowPx;
    const roomPx = Math.max(LEAST_PX, innerHeight * MOST_SHARE);
    const isScrollable = wholePx > roomPx + SPARED_ROWS * layout.rowPx;
    const heightPx = isScrollable ? roomPx : wholePx;
    frame.style.setProperty('--stage', `${heightPx}px`);
    plot.resize(stage.clientWidth, heightPx);
    onScrollable(isScrollable);
  };
  const observer = new ResizeObserver(() => resize(state.lanes.peek().length));
  observer.observe(stage);
  const stopResizing = effect(() => resize(state.lanes.value.length));
  const stopGestures = followGestures(stage, state.view, {
    point: (ms, x, y) => {
      state.pointedAt.value = { ms, lane: toLane(y), left: x + stage.offsetLeft, top: y };
    },
    leave: () => {
      state.pointedAt.value = null;
    },
    click: (ms, y) => state.pick(ms, toLane(y)),
    scrollsAt: (y) => y > headPx && rows.scrollHeight > rows.clientHeight + 1,
  });
  const scroll = () => plot.scroll(rows.scrollTop);
  rows.addEventListener('scroll', scroll, { passive: true });
  return () => {
    rows.removeEventListener('scroll', scroll);
    stopGestures();
    stopResizing();
    observer.disconnect();
    plot.close();
  };
}
