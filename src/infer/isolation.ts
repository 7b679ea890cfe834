/**
 * Lets work run side by side, except work that has to run alone: after a death it must be known which batch did it.
 * Work that waits to run alone goes before work that does not care.
 */
export class Isolation {
  #together = 0;
  #isAlone = false;
  #waitingAlone = 0;
  readonly #waiters: (() => void)[] = [];

  async together<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isAlone || this.#waitingAlone > 0) await this.#change();
    this.#together++;
    try {
      return await work();
    } finally {
      this.#together--;
      this.#changed();
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#waitingAlone++;
    while (this.#isAlone || this.#together > 0) await this.#change();
    this.#waitingAlone--;
    this.#isAlone = true;
    try {
      return await work();
    } finally {
      this.#isAlone = false;
      this.#changed();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #changed(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}
