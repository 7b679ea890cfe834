import type { Pixels, Scores } from '../types.js';
import type { TaggerHost } from './process-tagger.js';
import type { TaggerState } from './tagger-life.js';

/** From the one that matters most to whoever asks how all of them stand. */
const WORST_FIRST: readonly TaggerState[] = ['closed', 'backing-off', 'restarting', 'ready'];

/** Several taggers of one kind, a device each, as one: a batch goes to the one with most lanes free that is ready. */
export class SpreadTagger implements TaggerHost {
  readonly provider: TaggerHost['provider'];
  readonly model: TaggerHost['model'];
  readonly batchSizes: readonly number[];
  readonly isOneByOne: boolean;
  readonly fixedThreads = 1;
  readonly #taggers: readonly TaggerHost[];
  readonly #busy: Map<TaggerHost, number>;
  readonly #waiters: (() => void)[] = [];

  /** Throws RangeError when there are none. */
  constructor(taggers: readonly TaggerHost[]) {
    const [first] = taggers;
    if (first === undefined) throw new RangeError('no taggers');
    this.#taggers = taggers;
    this.#busy = new Map(taggers.map((tagger) => [tagger, 0]));
    const device = taggers.map((tagger) => tagger.provider.device).join(', ');
    this.provider = { ...first.provider, device };
    this.model = first.model;
    this.batchSizes = first.batchSizes.filter((size) =>
      taggers.every((tagger) => tagger.batchSizes.includes(size)),
    );
    this.isOneByOne = first.isOneByOne;
  }

  get lanes(): number {
    const alive = this.#taggers.filter((tagger) => tagger.state !== 'failed');
    return sum(alive.map((tagger) => tagger.lanes));
  }

  get maxBatch(): number {
    return Math.min(...this.#taggers.map((tagger) => tagger.maxBatch));
  }

  get fileBatch(): number {
    return Math.min(...this.#taggers.map((tagger) => tagger.fileBatch));
  }

  get fileMode(): string {
    return `${this.provider.effective}/${this.fileBatch}`;
  }

  get framesPerSecond(): number {
    return sum(this.#taggers.map((tagger) => tagger.framesPerSecond));
  }

  /** Failed once all are: until then the others go on. */
  get state(): TaggerState {
    const alive = this.#taggers.map((tagger) => tagger.state).filter((state) => state !== 'failed');
    return WORST_FIRST.find((state) => alive.some((one) => one === state)) ?? 'failed';
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

  /** Null: all lanes of those that are not given up are taken. */
  #next(): TaggerHost | null {
    const alive = this.#taggers.filter((tagger) => tagger.state !== 'failed');
    if (alive.length === 0) return this.#taggers[0]!; // it says why
    const free = (tagger: TaggerHost) => tagger.lanes - this.#busy.get(tagger)!;
    const withRoom = alive.filter((tagger) => free(tagger) > 0);
    const ready = withRoom.filter((tagger) => tagger.state === 'ready');
    const choice = ready.length > 0 ? ready : withRoom;
    if (choice.length === 0) return null;
    return choice.reduce((best, tagger) => (free(tagger) > free(best) ? tagger : best));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
