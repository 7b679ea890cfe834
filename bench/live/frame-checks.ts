import { MAX_LIVE_AHEAD } from '../../src/infer/batcher.js';
import type { Aim } from './table.js';

/** Frames of one stream that may wait, as live-stream.ts has it. */
const LIVE_CAPACITY = 2;

/** What one run of the service told of its frames. */
export interface FrameTale {
  /** UTC, ms since 1970; the end is NaN while it lasts. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly wasKilled: boolean;
  /** Frames in flight at each scrape. */
  readonly inFlight: readonly number[];
  /** Scrapes made since it was asked to stop. */
  readonly stoppingScrapes: number;
  /** Frames of a stream that were scored, by its last word. */
  inferred(streamId: string): number;
}

/** When the frames of a stream that the journal holds were taken: UTC, ms since 1970, in order. */
export interface HeldFrames {
  readonly streamId: string;
  readonly timesMs: readonly number[];
}

/** A figure that has to be as aimed at. */
export interface FrameCheck {
  readonly name: string;
  readonly value: string;
  readonly aim: Aim;
}

/**
 * Whether all runs on one journal, in their order, account for every frame: no more under way than there is room for, none
 * when they have drained, and every scored one in the journal. A killed run may have scored what it did not commit.
 * `streams`: how many are watched; `capacity`: frames of each that may wait.
 */
export function checkFrames(
  runs: readonly FrameTale[],
  held: readonly HeldFrames[],
  { streams, capacity = LIVE_CAPACITY }: { readonly streams: number; readonly capacity?: number },
): FrameCheck[] {
  const limit = streams * (capacity + MAX_LIVE_AHEAD);
  const seen = runs.flatMap(({ inFlight }) => inFlight);
  const drained = runs.filter(({ wasKilled }) => !wasKilled);
  const left = drained.map(({ inFlight }) => inFlight.at(-1) ?? Number.NaN);
  const pairs = drained.flatMap((run) => {
    const isOf = toMembership(run, runs);
    return held.map(
      ({ streamId, timesMs }) => [run.inferred(streamId), timesMs.filter(isOf).length] as const,
    );
  });
  const total = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
  const inferred = total(pairs.map(([scored]) => scored));
  return [
    {
      name: `frames in flight at each of ${seen.length} scrapes`,
      value: `${Math.min(...seen)} – ${Math.max(...seen)}`,
      aim: {
        text: `0 – ${limit}`,
        isMet: seen.length > 0 && seen.every((count) => count >= 0 && count <= limit),
      },
    },
    {
      name: 'frames in flight at the end of each run that was asked to stop',
      value: `${left.join(', ')} (${drained.map(({ stoppingScrapes }) => stoppingScrapes).join(', ')} scrapes since)`,
      aim: {
        text: '0',
        isMet: left.every((count) => count === 0) && drained.every((run) => run.stoppingScrapes > 0),
      },
    },
    {
      name: 'scored frames of those runs that the journal lacks',
      value: `${total(pairs.map(([scored, kept]) => Math.abs(scored - kept)))} of ${inferred}`,
      aim: { text: '0', isMet: inferred > 0 && pairs.every(([scored, kept]) => scored === kept) },
    },
  ];
}

/** Whether a frame of this time is of a run: a frame belongs to the run whose own time is nearest. */
function toMembership(run: FrameTale, runs: readonly FrameTale[]): (timeMs: number) => boolean {
  const at = runs.indexOf(run);
  const [before, after] = [runs[at - 1], runs[at + 1]];
  const fromMs = before === undefined ? Number.NEGATIVE_INFINITY : (before.endedMs + run.startedMs) / 2;
  const toMs = after === undefined ? Number.POSITIVE_INFINITY : (run.endedMs + after.startedMs) / 2;
  return (timeMs) => timeMs >= fromMs && timeMs < toMs;
}
