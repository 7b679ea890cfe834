/** Aborts its signal when it is not postponed for `afterMs` (null: never), or when the signal above it aborts. */
export class Alarm {
  readonly #above: AbortSignal;
  readonly #control = new AbortController();
  readonly #timer: NodeJS.Timeout | null;
  readonly #pass = (): void => this.#control.abort();
  #hasRung = false;
  #isStopped = false;

  constructor(afterMs: number | null, above: AbortSignal) {
    this.#above = above;
    this.#timer = afterMs === null ? null : setTimeout(() => this.#ring(), afterMs);
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
    if (!this.#isStopped && !this.#control.signal.aborted) this.#timer?.refresh();
  }

  /** It will not ring any more. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#above.removeEventListener('abort', this.#pass);
  }

  #ring(): void {
    this.#hasRung = true;
    this.#control.abort();
  }
}
