import { useLayoutEffect, useRef } from 'preact/hooks';
import { findSegmentAt } from './lanes.js';
import { findScoreAt } from './score-curve.js';
import type { PointedAt, SourceState } from './source-state.js';
import { LabelName } from './label-name.js';
import { toTimeOf } from './time-of.js';
import { toLengthText } from '../time-text.js';
import { timelineLayout } from './timeline-layout.js';

const AWAY_PX = 14;
const MOST_LABELS = 5;
const THUMBNAIL_PX = 208;

/** What is under the pointer, beside it. The same stands in the panel under the lanes, where it stays. */
export function TimelineTip({ state }: { readonly state: SourceState }) {
  const tip = useRef<HTMLDivElement>(null);
  const pointedAt = state.pointedAt.value;
  useLayoutEffect(() => {
    if (tip.current !== null && pointedAt !== null) place(tip.current, pointedAt);
  });
  if (pointedAt === null) return null;
  const { lane, ms } = pointedAt;
  if (ms < 0 || ms > state.source.lengthMs) return null;
  const segment = lane === null ? null : findSegmentAt(lane.segments, ms);
  const gap = state.source.data.gaps.find(({ startMs, endMs }) => startMs <= ms && ms < endMs);
  const curve = lane === null ? null : state.curveOf(lane.label);
  const score = curve === null ? null : findScoreAt(curve, ms);
  return (
    <div class="tip" ref={tip} aria-hidden="true">
      <TipThumbnail state={state} ms={ms} />
      {lane !== null && (
        <p class="lane-name">
          <LabelName label={lane.label} />
        </p>
      )}
      {segment !== null && (
        <>
          <p class="number">
            {toTimeOf(state, segment.startMs)} –{' '}
            {segment.isOpen ? 'not ended' : toTimeOf(state, segment.endMs)}
          </p>
          <p class="number">
            {toLengthText(segment.endMs - segment.startMs)} · peak {segment.peak.toFixed(2)} · mean{' '}
            {segment.mean.toFixed(2)}
          </p>
        </>
      )}
      {gap !== undefined && (
        <p>
          Nothing could be seen <span class="number">{toTimeOf(state, gap.startMs)}</span> –{' '}
          <span class="number">{toTimeOf(state, gap.endMs)}</span>
        </p>
      )}
      {score !== null && gap === undefined && (
        <p>
          score <b class="number">{score.toFixed(2)}</b> at <span class="number">{toTimeOf(state, ms)}</span>
        </p>
      )}
      {lane === null && gap === undefined && <HeldLabels state={state} ms={ms} />}
    </div>
  );
}

/** Above the lanes the pointer means all of them. */
function HeldLabels({ state, ms }: { readonly state: SourceState; readonly ms: number }) {
  const held = state.lanes.value.filter(({ segments }) => findSegmentAt(segments, ms) !== null);
  return (
    <>
      <p class="number">{toTimeOf(state, ms)}</p>
      {held.slice(0, MOST_LABELS).map(({ label }) => (
        <p key={label.name} class="lane-name">
          <LabelName label={label} />
        </p>
      ))}
      {held.length > MOST_LABELS && <p class="quiet">and {held.length - MOST_LABELS} more</p>}
    </>
  );
}

function TipThumbnail({ state, ms }: { readonly state: SourceState; readonly ms: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { tiles } = state;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || tiles === null) return;
    tiles.paint(context, ms, { left: 0, top: 0, width: context.canvas.width, height: context.canvas.height });
  });
  if (tiles === null) return null;
  return (
    <canvas ref={canvas} width={THUMBNAIL_PX * 2} height={Math.round((THUMBNAIL_PX * 2) / tiles.aspect)} />
  );
}

/** Right of the pointer and under its lane, unless there is no room there. */
function place(tip: HTMLElement, { left, top }: PointedAt): void {
  const frame = tip.parentElement!;
  const right = left + AWAY_PX + tip.offsetWidth > frame.clientWidth;
  tip.style.left = `${Math.max(0, right ? left - AWAY_PX - tip.offsetWidth : left + AWAY_PX)}px`;
  const below = top + timelineLayout.peek().rowPx / 2 + 4;
  const { top: frameTop } = frame.getBoundingClientRect();
  const isLow = frameTop + below + tip.offsetHeight > innerHeight;
  tip.style.top = `${isLow ? top - tip.offsetHeight - AWAY_PX : below}px`;
}
