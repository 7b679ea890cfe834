/**
 * Hands items over one at a time: who gives goes on when who takes comes back for the next one, so nothing is held that
 * nobody asked for, and what was given is dealt with by then.
 */
export class Rendezvous<T> {
  #item: { readonly value: T; readonly release: () => void } | null = null;
  #wake: () => void = () => {};
  #isOver = false;

  /** Resolves when the taker is done with it, at once after the end. One at a time. */
  give(value: T): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((release) => {
      this.#item = { value, release };
      this.#wake();
    });
  }

  /** The next item, after the one before is done with; undefined: there are no more. One call at a time. */
  async next(): Promise<T | undefined> {
    this.#release();
    while (this.#item === null && !this.#isOver) await new Promise<void>((wake) => (this.#wake = wake));
    return (this.#item as { readonly value: T } | null)?.value;
  }

  /** No more is given, or no more is taken. */
  end(): void {
    this.#isOver = true;
    this.#release();
    this.#wake();
  }

  #release(): void {
    this.#item?.release();
    this.#item = null;
  }
}
