import { InferError } from '../errors.js';
import type { Pixels, Scores } from '../types.js';
import type { TaggerHost } from './process-tagger.js';
import type { TaggerState } from './tagger-life.js';

const BEST_FIRST: readonly TaggerState[] = ['ready', 'restarting', 'backing-off', 'closed', 'failed'];

const OUTGROWN = 'batches of this size no longer fit into the memory of every device';
const AGAIN = 'tag this file again: it will start with smaller batches';

/** Several taggers of one kind, a device each, as one: a batch goes to the one with most lanes free that is ready. */
export class SpreadTagger implements TaggerHost {
  readonly model: TaggerHost['model'];
  readonly batchSizes: readonly number[];
  readonly isOneByOne: boolean;
  readonly fixedThreads = 1;
  readonly #taggers: readonly TaggerHost[];
  readonly #provider: TaggerHost['provider'];
  readonly #busy: Map<TaggerHost, number>;
  readonly #waiters: (() => void)[] = [];

  /** Throws RangeError when there are none. */
  constructor(taggers: readonly TaggerHost[]) {
    const [first] = taggers;
    if (first === undefined) throw new RangeError('no taggers');
    this.#taggers = taggers;
    this.#busy = new Map(taggers.map((tagger) => [tagger, 0]));
    this.#provider = first.provider;
    this.model = first.model;
    this.batchSizes = first.batchSizes.filter((size) =>
      taggers.every((tagger) => tagger.batchSizes.includes(size)),
    );
    this.isOneByOne = first.isOneByOne;
  }

  /** Of those that are not given up. */
  get provider(): TaggerHost['provider'] {
    const device = this.#usable.map((tagger) => tagger.provider.device).join(', ');
    return { ...this.#provider, device };
  }

  get devices(): number {
    return this.#taggers.length;
  }

  get lanes(): number {
    return sum(this.#usable.map((tagger) => tagger.lanes));
  }

  get maxBatch(): number {
    return Math.min(...this.#taggers.map((tagger) => tagger.maxBatch));
  }

  get fileBatch(): number {
    return Math.min(...this.#taggers.map((tagger) => tagger.fileBatch));
  }

  get fileMode(): string {
    return `${this.#provider.effective}/${this.fileBatch}`;
  }

  get framesPerSecond(): number {
    return sum(this.#taggers.map((tagger) => tagger.framesPerSecond));
  }

  /** That of the best: as long as one is ready, batches run. */
  get state(): TaggerState {
    const states = this.#taggers.map((tagger) => tagger.state);
    return BEST_FIRST.find((state) => states.includes(state))!;
  }

  get restarts(): number {
    return sum(this.#taggers.map((tagger) => tagger.restarts));
  }

  pid(): Promise<number> {
    return this.#taggers[0]!.pid();
  }

  async tag(frames: readonly Pixels[], options: { readonly fixed: boolean }): Promise<(Scores | Error)[]> {
    for (;;) {
      const tagger = this.#next();
      if (tagger === null) {
        await new Promise<void>((resolve) => this.#waiters.push(resolve));
        continue;
      }
      if (options.fixed && frames.length > this.fileBatch) throw new InferError(OUTGROWN, { remedy: AGAIN });
      tagger.limitFileBatch(this.fileBatch); // memory of another may have become short
      this.#busy.set(tagger, this.#busy.get(tagger)! + 1);
      try {
        return await tagger.tag(frames, options);
      } catch (error) {
        // a device that is given up leaves its batches to the others
        if (tagger.state !== 'failed' || this.state === 'failed') throw error;
      } finally {
        this.#busy.set(tagger, this.#busy.get(tagger)! - 1);
        for (const wake of this.#waiters.splice(0)) wake();
      }
    }
  }

  limitFileBatch(size: number): void {
    for (const tagger of this.#taggers) tagger.limitFileBatch(size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#taggers.map((tagger) => tagger[Symbol.asyncDispose]()));
  }

  /** Those that are ready; if none is, those that are not given up; if all are, one that says why. */
  get #usable(): readonly TaggerHost[] {
    const ready = this.#taggers.filter((tagger) => tagger.state === 'ready');
    if (ready.length > 0) return ready;
    const alive = this.#taggers.filter((tagger) => tagger.state !== 'failed');
    return alive.length > 0 ? alive : this.#taggers.slice(0, 1);
  }

  /** Null: all lanes are taken. */
  #next(): TaggerHost | null {
    const free = (tagger: TaggerHost) => tagger.lanes - this.#busy.get(tagger)!;
    const best = this.#usable.reduce((one, other) => (free(other) > free(one) ? other : one));
    return free(best) > 0 || best.state === 'failed' ? best : null;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
