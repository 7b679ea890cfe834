/** A timer that is as late as this was held up with all of this process, and what it waits for may have been too. */
const HELD_UP_MS = 500;
/** What is then waited for once more: a picture may be longer than what a pipe holds. */
const GRACE_MS = 2000;

/**
 * Aborts its signal when it is not postponed for `afterMs` (null: never), the first time for `firstMs`, or when the signal above
 * it aborts.
 */
export class Alarm {
  readonly #above: AbortSignal;
  readonly #control = new AbortController();
  readonly #afterMs: number | null;
  #timer: NodeJS.Timeout | null;
  #dueMs = 0;
  /** It rings by this. */
  #bell: NodeJS.Immediate | null = null;
  #isFirst: boolean;
  readonly #pass = (): void => this.#control.abort();
  #hasRung = false;
  #isStopped = false;

  constructor(afterMs: number | null, above: AbortSignal, firstMs: number | null = afterMs) {
    this.#above = above;
    this.#afterMs = afterMs;
    this.#isFirst = firstMs !== afterMs;
    this.#timer = this.#start(firstMs);
    if (above.aborted) this.#pass();
    else above.addEventListener('abort', this.#pass, { once: true });
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** It was not postponed in time. */
  get hasRung(): boolean {
    return this.#hasRung;
  }

  /** The time runs anew. */
  postpone(): void {
    // refresh() would start a timer again that has rung or was cleared.
    if (this.#isStopped || this.#control.signal.aborted) return;
    this.#silence();
    if (!this.#isFirst) {
      this.#dueMs = performance.now() + (this.#afterMs ?? 0);
      return void this.#timer?.refresh();
    }
    this.#isFirst = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = this.#start(this.#afterMs);
  }

  /** It will not ring any more. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#silence();
    this.#above.removeEventListener('abort', this.#pass);
  }

  #start(ms: number | null): NodeJS.Timeout | null {
    if (ms === null) return null;
    this.#dueMs = performance.now() + ms;
    return setTimeout(() => this.#reach(), ms);
  }

  #reach(): void {
    if (performance.now() - this.#dueMs > HELD_UP_MS) {
      this.#isFirst = true; // its next time is another one
      this.#timer = this.#start(GRACE_MS);
      return;
    }
    // what postpones it may be waiting behind a loop of ours that was blocked: let it in first
    this.#bell = setImmediate(() => this.#ring());
  }

  #silence(): void {
    if (this.#bell !== null) clearImmediate(this.#bell);
    this.#bell = null;
  }

  #ring(): void {
    this.#hasRung = true;
    this.#control.abort();
  }
}
