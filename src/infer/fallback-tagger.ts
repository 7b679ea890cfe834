import { InferError } from '../errors.js';
import type { Pixels, Scores } from '../types.js';
import type { TaggerHost } from './process-tagger.js';

interface Fallback {
  /** Opens the tagger that goes on. */
  readonly open: () => Promise<TaggerHost>;
  readonly onFallback: (tagger: TaggerHost, why: string) => void;
}

/**
 * A tagger that gives way to another one when it is given up. Batches of cameras' frames are scored by the other; those with a
 * file's frame fail, since a file is scored by one provider from beginning to end.
 */
export class FallbackTagger implements TaggerHost {
  readonly #fallback: Fallback;
  #current: TaggerHost;
  #opening: Promise<TaggerHost> | null = null;
  /** The other one could not be opened. */
  #isHopeless = false;
  /** What the lost tagger left behind, one after the other: the next one may have fewer lanes. */
  #leftovers: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(first: TaggerHost, fallback: Fallback) {
    this.#current = first;
    this.#fallback = fallback;
  }

  get provider(): TaggerHost['provider'] {
    return this.#current.provider;
  }

  get model(): TaggerHost['model'] {
    return this.#current.model;
  }

  get devices(): number {
    return this.#current.devices;
  }

  get lanes(): number {
    return this.#current.lanes;
  }

  get maxBatch(): number {
    return this.#current.maxBatch;
  }

  get fileBatch(): number {
    return this.#current.fileBatch;
  }

  get fileMode(): string {
    return this.#current.fileMode;
  }

  get framesPerSecond(): number {
    return this.#current.framesPerSecond;
  }

  get batchSizes(): readonly number[] {
    return this.#current.batchSizes;
  }

  get isOneByOne(): boolean {
    return this.#current.isOneByOne;
  }

  get fixedThreads(): 1 {
    return this.#current.fixedThreads;
  }

  get restarts(): number {
    return this.#current.restarts;
  }

  get state(): TaggerHost['state'] {
    const isPassing = this.#current.state === 'failed' && !this.#isHopeless && !this.#isClosed;
    return isPassing ? 'restarting' : this.#current.state;
  }

  /** To be called when the first tagger is given up, so that the other one is there before it is needed. */
  giveWay(why: string): void {
    const lost = this.#current;
    if (lost.state !== 'failed' || this.#isClosed) return;
    this.#next(lost, new InferError(why)).catch(() => {}); // told by `state`, and to whoever needs a tagger
  }

  pid(): Promise<number> {
    return this.#current.pid();
  }

  limitFileBatch(size: number): void {
    this.#current.limitFileBatch(size);
  }

  async tag(frames: readonly Pixels[], options: { readonly fixed: boolean }): Promise<(Scores | Error)[]> {
    const used = this.#current;
    try {
      return await used.tag(frames, options);
    } catch (error) {
      if (used.state !== 'failed' || this.#isClosed) throw error;
      const next = await this.#next(used, error);
      if (options.fixed)
        throw new InferError(`the device ${used.provider.effective} was lost: ${toText(error)}`, {
          remedy: `cameras go on on the ${next.provider.effective}; tag files that were under way again`,
          retryable: true,
          cause: error,
        });
      const scored = tagInParts(next, frames, this.#leftovers);
      this.#leftovers = scored.catch(() => {}); // whoever asked for them gets the error
      return await scored;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const opening = this.#opening?.then((next) => next[Symbol.asyncDispose]()).catch(() => {}); // it never began
    await Promise.all([this.#current[Symbol.asyncDispose](), opening]);
  }

  /** The tagger that takes over from one that is lost; once for all its batches. */
  async #next(lost: TaggerHost, error: unknown): Promise<TaggerHost> {
    if (this.#current !== lost) return this.#current;
    if (this.#isHopeless) throw error;
    this.#opening ??= this.#open(lost, toText(error));
    return await this.#opening;
  }

  async #open(lost: TaggerHost, why: string): Promise<TaggerHost> {
    try {
      const next = await this.#fallback.open();
      this.#current = next;
      await lost[Symbol.asyncDispose]();
      if (!this.#isClosed) this.#fallback.onFallback(this, why);
      return next;
    } catch (error) {
      this.#isHopeless = true;
      throw error;
    } finally {
      this.#opening = null;
    }
  }
}

/** Scores a batch of cameras' frames that may be larger than what this tagger takes, once it is its `turn`. */
async function tagInParts(
  tagger: TaggerHost,
  frames: readonly Pixels[],
  turn: Promise<unknown>,
): Promise<(Scores | Error)[]> {
  await turn;
  const results: (Scores | Error)[] = [];
  while (results.length < frames.length) {
    const at = results.length; // what it takes may shrink at any time
    results.push(...(await tagger.tag(frames.slice(at, at + tagger.maxBatch), { fixed: false })));
  }
  return results;
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
