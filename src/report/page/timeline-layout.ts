import { type ReadonlySignal, signal } from '@preact/signals';

/** Sizes of a timeline in CSS pixels; page.css knows the same ones by name. */
export interface TimelineLayout {
  readonly stripPx: number;
  readonly rulerPx: number;
  readonly rowPx: number;
  readonly barTopPx: number;
  readonly barPx: number;
  /** Free at the left and right of the time axis, so that its first text is whole. */
  readonly insetPx: number;
}

const WIDE: TimelineLayout = { stripPx: 60, rulerPx: 28, rowPx: 34, barTopPx: 9, barPx: 16, insetPx: 24 };
/** Names stand above their bars instead of beside them. */
const NARROW: TimelineLayout = { stripPx: 48, rulerPx: 28, rowPx: 50, barTopPx: 29, barPx: 14, insetPx: 14 };

const narrow = matchMedia('(max-width: 640px)');
const current = signal(narrow.matches ? NARROW : WIDE);
narrow.addEventListener('change', () => {
  current.value = narrow.matches ? NARROW : WIDE;
});

export const timelineLayout: ReadonlySignal<TimelineLayout> = current;

/** The height of what stands above the lanes. */
export function toHeadPx(layout: TimelineLayout, hasThumbnails: boolean): number {
  return toStripPx(layout, hasThumbnails) + layout.rulerPx;
}

/** The height of the strip, which only a source with thumbnails has. */
export function toStripPx(layout: TimelineLayout, hasThumbnails: boolean): number {
  return hasThumbnails ? layout.stripPx : 0;
}
