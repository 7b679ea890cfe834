import type { Effect } from './effects.js';
import type { ClipPlan } from './plan.js';

/** Encoded frames from one key frame to the next. */
export const KEY_FRAME_INTERVAL = 50;

/** The effects of all shots of this kind. */
export function effectsOf({ shots }: ClipPlan, kind: Effect['kind']): Effect[] {
  return shots.flatMap(({ effects }) => effects.filter((effect) => effect.kind === kind));
}

/** The frames that are encoded, in order: all but those that a stutter or a hole leaves out. */
export function keptFrames(plan: ClipPlan): number[] {
  const stutters = effectsOf(plan, 'stutter');
  const holes = effectsOf(plan, 'missing');
  const isIn = ({ startFrame, endFrame }: Effect, n: number): boolean => startFrame <= n && n < endFrame;
  return Array.from({ length: plan.frames }, (_, n) => n).filter(
    (n) =>
      !holes.some((hole) => isIn(hole, n)) &&
      !stutters.some((one) => isIn(one, n) && (n - one.startFrame) % one.amount !== 0),
  );
}

/**
 * The frames that are damaged, up to the next key frame after each hole: from pictures that are predicted from lost ones
 * ffmpeg may make some that go back in time.
 */
export function damagedFrames(plan: ClipPlan): { readonly startFrame: number; readonly endFrame: number }[] {
  const keys = keyFrames(keptFrames(plan));
  return effectsOf(plan, 'damaged').map(({ startFrame, endFrame }) => {
    return { startFrame, endFrame: keys.find((frame) => frame >= endFrame) ?? plan.frames };
  });
}

/** Those of the encoded frames that are key frames. */
export function keyFrames(kept: readonly number[]): number[] {
  return kept.filter((_, n) => n % KEY_FRAME_INTERVAL === 0);
}
