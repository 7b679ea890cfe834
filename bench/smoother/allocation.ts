import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is less is not an object's. */
const WORD_BYTES = 8;
const CALLS = 5000;
const ROUNDS = 5;

/**
 * Bytes of heap that one call of a warm function takes, in whole words, 0 where it takes none: the least of some rounds, since
 * others hold what the compiler and the runtime take beside it. Measured up to about 200 bytes a call, so that no collection
 * falls into a round.
 */
export function bytesPerCall(call: () => void): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => process.memoryUsage().heapUsed;
  const rounds = Array.from({ length: ROUNDS }, () => {
    collect();
    const before = used();
    for (let n = 0; n < CALLS; n++) call();
    return used() - before;
  });
  return Math.floor(Math.max(0, Math.min(...rounds)) / CALLS / WORD_BYTES) * WORD_BYTES;
}
