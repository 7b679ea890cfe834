import { setTimeout as wait } from 'node:timers/promises';

/** A clock that goes `speed` times as fast as that of this machine since `originMs`, at which both show the same. */
export class ReplayClock {
  readonly #originMs: number;
  readonly #speed: number;

  constructor(originMs: number, speed: number) {
    this.#originMs = originMs;
    this.#speed = speed;
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#originMs + (Date.now() - this.#originMs) * this.#speed;

  /** Resolves once it shows that time, or the signal aborts. */
  async until(ms: number, signal: AbortSignal): Promise<void> {
    const left = (ms - this.now()) / this.#speed;
    if (left > 0) await wait(left, undefined, { signal }).catch(() => {});
  }
}
