import type { Pixels } from '../types.js';

/** A picture of a live stream; whoever receives it owns its pixels. */
export interface LivePicture {
  /** By the camera's clock. */
  readonly ptsMs: number;
  /** When it came, by the host's clock, since 1970; of a playlist when its turn was, but for delays. */
  readonly arrivalMs: number;
  /** The camera's time says nothing of how far it is from the picture before. */
  readonly isAnew: boolean;
  readonly damaged: boolean;
  readonly pixels: Pixels;
}

/** Pictures between the reader of a pipe, which never waits, and their consumer. Holds as many as there are pixel slots. */
export class HandOver {
  readonly #pictures: LivePicture[] = [];
  #isEnded = false;
  #wake: (() => void) | null = null;

  push(picture: LivePicture): void {
    this.#pictures.push(picture);
    this.#wake?.();
  }

  /** Gives the oldest picture's memory back; false when there is none. */
  dropOldest(): boolean {
    const oldest = this.#pictures.shift();
    oldest?.pixels.release();
    return oldest !== undefined;
  }

  /** Nothing more will be pushed. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** The next picture; null when all are out and nothing more will come. One caller at a time. */
  async next(): Promise<LivePicture | null> {
    while (this.#pictures.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#pictures.shift() ?? null;
  }
}
