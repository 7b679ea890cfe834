import type { Shot } from './plan.js';
import type { Random } from '../../src/calibrate/random.js';

/**
 * What befalls a shot for a while, in frames of the clip; `amount`: occlusion: the box's width as a share of the frame's;
 * blur: its sigma in pixels; exposure: the gain; noise: its strength; stutter: one frame of so many stays; freeze, missing and
 * damaged (no frames, or what is left of them cannot be decoded): 1.
 */
export interface Effect {
  readonly kind: 'occlusion' | 'blur' | 'exposure' | 'noise' | 'freeze' | 'stutter' | 'missing' | 'damaged';
  readonly startFrame: number;
  readonly endFrame: number;
  readonly amount: number;
}

/** Frames between an effect and the beginning, the end or the fade of a shot. */
const MARGIN = 12;
/** Frames beside a hole that are left alone: a damaged one lasts until the next key frame. */
const HOLE_MARGIN = 60;

/** The effects of a shot one after another, never two at once. */
export function planEffects(random: Random, shot: Shot, hole: Effect | null): Effect[] {
  const effects: Effect[] = hole === null ? [] : [hole];
  const [first, end] = freeFrames(shot);
  let at = first;
  for (;;) {
    const startFrame = at + random.whole(15, 150);
    const effect = drawEffect(random, startFrame);
    if (effect.endFrame > end) break;
    at = effect.endFrame;
    if (hole === null || !isNear(effect, hole)) effects.push(effect);
  }
  return effects.sort((a, b) => a.startFrame - b.startFrame);
}

/** A hole of a few seconds in one of the shots that are long enough for it; null: none is. */
export function planHole(
  random: Random,
  shots: readonly Shot[],
): { readonly shot: number; readonly effect: Effect } | null {
  const frames = random.whole(50, 150);
  const kind = random.pick(['missing', 'damaged'] as const);
  const roomy = shots.flatMap((shot, n) => {
    const [first, end] = freeFrames(shot);
    return end - first >= frames + 2 * HOLE_MARGIN ? [{ shot: n, first, end }] : [];
  });
  if (roomy.length === 0) return null;
  const { shot, first, end } = random.pick(roomy);
  const startFrame = random.whole(first + HOLE_MARGIN, end - HOLE_MARGIN - frames);
  return { shot, effect: { kind, startFrame, endFrame: startFrame + frames, amount: 1 } };
}

function freeFrames({ startFrame, endFrame, entry }: Shot): [number, number] {
  return [startFrame + entry.frames / 2 + MARGIN, endFrame - LONGEST_FADE / 2 - MARGIN];
}

/** The next shot may begin with one. */
const LONGEST_FADE = 32;

function isNear(effect: Effect, hole: Effect): boolean {
  return effect.startFrame < hole.endFrame + HOLE_MARGIN && hole.startFrame < effect.endFrame + HOLE_MARGIN;
}

function drawEffect(random: Random, startFrame: number): Effect {
  const kind = random.pick(['occlusion', 'blur', 'exposure', 'noise', 'freeze', 'stutter'] as const);
  const frames = Math.round(random.logBetween(10, 100));
  return { kind, startFrame, endFrame: startFrame + frames, amount: drawAmount(random, kind) };
}

function drawAmount(random: Random, kind: Effect['kind']): number {
  const round = (value: number): number => Math.round(value * 100) / 100;
  switch (kind) {
    case 'occlusion':
      return round(random.between(0.2, 0.9));
    case 'blur':
      return round(random.between(1, 4));
    case 'exposure':
      return round(random.chance(0.5) ? random.between(0.35, 0.7) : random.between(1.3, 1.9));
    case 'noise':
      return random.whole(20, 60);
    case 'stutter':
      return random.whole(2, 8);
    case 'freeze':
    case 'missing':
    case 'damaged':
      return 1;
  }
}
