import type { ReportSegment, Span } from '../report-data.js';
import { toHatch } from './hatch.js';
import { findFirstAfter, type Lane } from './lanes.js';
import type { Inks } from '../palette.js';
import type { Box, ThumbnailTiles } from './thumbnail-tiles.js';
import type { TimelineLayout } from './timeline-layout.js';

/** What is painted, and with which colours. */
export interface LanesScene {
  readonly range: Span;
  readonly lanes: readonly Lane[];
  readonly gaps: readonly Span[];
  readonly layout: TimelineLayout;
  readonly inks: Inks;
  /** By the number of a label's colour. */
  readonly colors: readonly string[];
  readonly pointedLane: Lane | null;
  readonly chosenLane: Lane | null;
  readonly chosenSegment: ReportSegment | null;
}

/** A segment is never thinner than this, and such that are nearer to each other are painted as one. */
const THINNEST_PX = 1.5;
const MERGED_PX = 0.5;
const ROUNDED_FROM_PX = 12;

/** Paints the lanes into a box of CSS pixels, the rows scrolled up by `scrolledPx`. Its work depends on the box, not on how many segments there are. */
export function paintLanes(
  context: CanvasRenderingContext2D,
  box: Box,
  scene: LanesScene,
  scrolledPx: number,
): void {
  const { lanes, layout, inks } = scene;
  context.save();
  context.beginPath();
  context.rect(0, box.top, box.left * 2 + box.width, box.height);
  context.clip();
  const first = Math.floor(scrolledPx / layout.rowPx);
  const last = Math.min(lanes.length - 1, Math.floor((scrolledPx + box.height) / layout.rowPx));
  const topOf = (row: number) => box.top + row * layout.rowPx - scrolledPx;
  for (let row = first; row <= last; row++) {
    const isMarked = lanes[row] === scene.pointedLane || lanes[row] === scene.chosenLane;
    if (isMarked) fillRow(context, box, topOf(row), layout.rowPx, inks.hover);
  }
  paintGaps(context, box, scene);
  for (let row = first; row <= last; row++) {
    fillRow(context, box, topOf(row) + layout.rowPx - 1, 1, inks.line);
    paintLane(context, box, topOf(row) + layout.barTopPx, lanes[row]!, scene);
  }
  context.restore();
}

/** Paints thumbnails side by side, each the one nearest to the middle of its place; they move with the time. */
export function paintStrip(
  context: CanvasRenderingContext2D,
  box: Box,
  { range, gaps, inks }: Pick<LanesScene, 'range' | 'gaps' | 'inks'>,
  tiles: ThumbnailTiles,
  lengthMs: number,
): void {
  const widthPx = box.height * tiles.aspect;
  const placeMs = (widthPx / box.width) * (range.endMs - range.startMs);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  for (let n = Math.floor(range.startMs / placeMs); n * placeMs < Math.min(range.endMs, lengthMs); n++) {
    const left = toX(n * placeMs, range, box);
    tiles.paint(context, (n + 0.5) * placeMs, { left, top: box.top, width: widthPx, height: box.height });
  }
  paintGaps(context, box, { range, gaps, inks });
  context.restore();
}

export function toX(ms: number, { startMs, endMs }: Span, { left, width }: Box): number {
  return left + ((ms - startMs) / (endMs - startMs)) * width;
}

/** Hatches where nothing could be seen, over the whole height of the box. */
export function paintGaps(
  context: CanvasRenderingContext2D,
  box: Box,
  { range, gaps, inks }: Pick<LanesScene, 'range' | 'gaps' | 'inks'>,
): void {
  for (const { startMs, endMs } of gaps) {
    if (endMs <= range.startMs || startMs >= range.endMs) continue;
    const left = Math.max(box.left, toX(startMs, range, box));
    const right = Math.min(box.left + box.width, toX(endMs, range, box));
    context.fillStyle = toHatch(context, inks);
    context.fillRect(left, box.top, Math.max(THINNEST_PX, right - left), box.height);
  }
}

function paintLane(
  context: CanvasRenderingContext2D,
  box: Box,
  top: number,
  { label, segments }: Lane,
  scene: LanesScene,
): void {
  const { range, layout } = scene;
  context.fillStyle = scene.colors[label.color]!;
  for (let n = findFirstAfter(segments, range.startMs); n < segments.length; n++) {
    const segment = segments[n]!;
    if (segment.startMs >= range.endMs) break;
    const left = Math.max(-ROUNDED_FROM_PX, toX(segment.startMs, range, box));
    let right = toRight(segment, left, range, box);
    for (; n + 1 < segments.length; n++) {
      const next = toX(segments[n + 1]!.startMs, range, box);
      if (next - right >= MERGED_PX || next > box.left + box.width) break;
      right = toRight(segments[n + 1]!, next, range, box);
    }
    paintBar(context, left, top, right - left, layout.barPx, segments[n]!.isOpen);
  }
  const chosen = scene.chosenSegment;
  if (chosen !== null && segments.includes(chosen)) paintChosen(context, box, top, chosen, scene);
}

function toRight({ endMs }: ReportSegment, left: number, range: Span, box: Box): number {
  const end = Math.min(box.left * 2 + box.width + ROUNDED_FROM_PX, toX(endMs, range, box));
  return Math.max(left + THINNEST_PX, end);
}

/** An open segment ends in a point: it goes on. */
function paintBar(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  isOpen: boolean,
): void {
  if (width < ROUNDED_FROM_PX) {
    context.fillRect(left, top, width, height);
    return;
  }
  context.beginPath();
  if (isOpen) {
    const right = left + width;
    context.moveTo(left, top);
    context.lineTo(right - height / 2, top);
    context.lineTo(right, top + height / 2);
    context.lineTo(right - height / 2, top + height);
    context.lineTo(left, top + height);
  } else context.roundRect(left, top, width, height, 3);
  context.fill();
}

function paintChosen(
  context: CanvasRenderingContext2D,
  box: Box,
  top: number,
  segment: ReportSegment,
  { range, layout, inks }: LanesScene,
): void {
  const left = toX(segment.startMs, range, box);
  const width = toRight(segment, left, range, box) - left;
  context.strokeStyle = inks.text;
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(left - 2, top - 2, width + 4, layout.barPx + 4, 5);
  context.stroke();
}

function fillRow(
  context: CanvasRenderingContext2D,
  { left, width }: Box,
  top: number,
  height: number,
  color: string,
): void {
  context.fillStyle = color;
  context.fillRect(0, top, left * 2 + width, height);
}
