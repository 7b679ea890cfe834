import { createHash } from 'node:crypto';
import { readModel } from '../../../src/infer/model.js';
import { openTagger } from '../../../src/infer/tagger-host.js';
import type { ModelInput, Scores } from '../../../src/types.js';

/** The shipped model, open. */
export interface PictureTagger extends AsyncDisposable {
  readonly input: ModelInput;
  /** Scores of all labels of the first frame, then of the second, and so on. */
  score(frames: readonly Uint8Array[]): Promise<number[]>;
}

const BATCH = 4;

export async function openPictureTagger(): Promise<PictureTagger> {
  const model = await readModel('model/sgfn-nano-coco80');
  const plan = { sessions: 1, batchSizes: [BATCH], fileBatch: BATCH };
  const tagger = await openTagger({ model, plan });
  const known = new Map<string, Scores>(); // builds that agree are not scored one by one
  const toKey = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return {
    input: model.input,
    async score(frames) {
      const keys = frames.map(toKey);
      const unknown = frames.filter((_, n) => !known.has(keys[n]!));
      for (let n = 0; n < unknown.length; n += BATCH) {
        const batch = unknown.slice(n, n + BATCH);
        const pixels = batch.map((bytes) => ({ bytes, hash: () => 0, release: () => {} }));
        const results = await tagger.tag(pixels, { fixed: true });
        for (const [at, bytes] of batch.entries()) known.set(toKey(bytes), results[at] as Scores);
      }
      return keys.flatMap((key) => [...known.get(key)!]);
    },
    [Symbol.asyncDispose]: () => tagger[Symbol.asyncDispose](),
  };
}

/** What lies between scores, sorted. */
export function toScoreDifferences(a: readonly number[], b: readonly number[]): number[] {
  return a.map((score, n) => Math.abs(score - b[n]!)).sort((x, y) => x - y);
}

/** Of sorted values, the one that `part` of them do not exceed. */
export function toQuantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
}
