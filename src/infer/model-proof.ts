import type { Pixels, Scores } from '../types.js';
import type { Golden } from './golden.js';
import type { TaggerHost } from './tagger-host.js';

/** A score that is not as it should be. */
export interface WrongScore {
  readonly frame: number;
  readonly label: number;
  readonly score: number;
  readonly wanted: number;
}

/** The score that is furthest from the golden one, each frame scored alone. Throws what the tagger throws. */
export async function findWorst(tagger: TaggerHost, golden: Golden): Promise<WrongScore> {
  let worst: WrongScore = { frame: 0, label: 0, score: 0, wanted: 0 };
  for (const [frame, row] of golden.scores.entries()) {
    const scores = await score(tagger, [golden.frames[frame]!]);
    for (const [label, wanted] of row.entries()) {
      const found = { frame, label, score: scores[0]![label]!, wanted };
      // a score that is no number is further off than any other
      if (!(distanceOf(found) <= distanceOf(worst))) worst = found;
    }
  }
  return worst;
}

/** How far a score is from what was wanted. */
export function distanceOf({ score: found, wanted }: WrongScore): number {
  return Number.isNaN(found) ? Number.POSITIVE_INFINITY : Math.abs(found - wanted);
}

/**
 * Whether each frame has the same scores, bit for bit, alone and in batches of `fileBatch` with the others, in order and in
 * reverse.
 */
export async function isIndependent(tagger: TaggerHost, frames: readonly Uint8Array[]): Promise<boolean> {
  const alone: string[] = [];
  for (const frame of frames) alone.push(toBits((await score(tagger, [frame]))[0]!));
  for (const order of [[...frames.keys()], [...frames.keys()].reverse()]) {
    for (let at = 0; at < order.length; at += tagger.fileBatch) {
      const batch = order.slice(at, at + tagger.fileBatch);
      const scores = await score(
        tagger,
        batch.map((n) => frames[n]!),
      );
      if (batch.some((n, place) => toBits(scores[place]!) !== alone[n])) return false;
    }
  }
  return true;
}

/** Frames of noise, the same for the same size. */
export function makeNoise(count: number, bytes: number): Uint8Array[] {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' generator
    return state >>> 24;
  };
  return Array.from({ length: count }, () => Uint8Array.from({ length: bytes }, next));
}

/** Scores frames as those of a file are. Throws the error of a frame that fails. */
export async function score(tagger: TaggerHost, frames: readonly Uint8Array[]): Promise<Scores[]> {
  const results = await tagger.tag(frames.map(toPixels), { fixed: true });
  return results.map((result) => {
    if (result instanceof Error) throw result;
    return result;
  });
}

function toPixels(bytes: Uint8Array): Pixels {
  return { bytes, hash: () => 0, release: () => {} };
}

function toBits(scores: Scores): string {
  return Buffer.from(scores.buffer, scores.byteOffset, scores.byteLength).toString('hex');
}
