/**
 * Hands items over one at a time: who gives goes on when who takes comes back for the next one, so nothing is held that
 * nobody asked for, and what was given is dealt with by then.
 */
export class Rendezvous<T> {
  #item: { readonly value: T; readonly release: (isDone: boolean) => void } | null = null;
  #isTaken = false;
  #wake: () => void = () => {};
  #isOver = false;

  /** Resolves when the taker is done with it; false: it is not, since it has left or the end came first. One at a time. */
  give(value: T): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false);
    return new Promise((release) => {
      this.#item = { value, release };
      this.#isTaken = false;
      this.#wake();
    });
  }

  /** The next item, after the one before is done with; undefined: there are no more. One call at a time. */
  async next(): Promise<T | undefined> {
    this.#release(true);
    while (this.#item === null && !this.#isOver) await new Promise<void>((wake) => (this.#wake = wake));
    this.#isTaken = true;
    return (this.#item as { readonly value: T } | null)?.value;
  }

  /** No more is given; what was taken may still be dealt with. */
  end(): void {
    this.#isOver = true;
    if (!this.#isTaken) this.#release(false);
    this.#wake();
  }

  /** No more is taken, and what was is not dealt with. */
  leave(): void {
    this.#isOver = true;
    this.#release(false);
    this.#wake();
  }

  #release(isDone: boolean): void {
    this.#item?.release(isDone);
    this.#item = null;
  }
}
