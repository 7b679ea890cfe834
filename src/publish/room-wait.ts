import { setTimeout as wait } from 'node:timers/promises';
import { isOutOfRoom, type PublishError } from '../errors.js';

/** For how long the journal's writers wait for room on its disk, and who wants to know. */
export interface RoomPatience {
  /** Aborted: nobody waits any more. */
  readonly signal: AbortSignal;
  /** The disk is full: told once, until `found`. */
  readonly missing: (error: PublishError) => void;
  /** There is room again, after so long. */
  readonly found: (waitedMs: number) => void;
}

/** One try costs nothing, and a person who makes room looks whether it goes on. */
const RETRY_MS = 1000;
const NONE: RoomPatience = { signal: AbortSignal.abort(), missing: () => {}, found: () => {} };

/** Lets what finds the disk full be tried again until there is room. */
export class RoomWait {
  readonly #patience: RoomPatience;
  #waiting = 0;
  #fullSinceMs = 0;
  #hasRoom = false;

  /** `patience`: default none, so that the first failure is final. */
  constructor(patience: RoomPatience = NONE) {
    this.#patience = patience;
  }

  /** Resolves to what an attempt gives; rejects with what it throws, for a full disk only once nobody waits any more. */
  async call<Value>(attempt: () => Promise<Value>): Promise<Value> {
    try {
      return await attempt();
    } catch (error) {
      if (!this.#isWorthWaiting(error)) throw error;
      return this.#repeat(attempt, error);
    }
  }

  async #repeat<Value>(attempt: () => Promise<Value>, first: PublishError): Promise<Value> {
    const { signal, missing, found } = this.#patience;
    if (this.#waiting++ === 0) {
      this.#fullSinceMs = performance.now();
      this.#hasRoom = false;
      missing(first);
    }
    try {
      // not p-retry: it drops the result of an attempt that succeeds after the abort
      for (;;) {
        await wait(RETRY_MS, undefined, { signal }).catch(() => {}); // aborted: one last attempt
        try {
          const value = await attempt();
          this.#hasRoom = true;
          return value;
        } catch (error) {
          if (!this.#isWorthWaiting(error)) throw error;
        }
      }
    } finally {
      // a small write may succeed where a large one does not
      if (--this.#waiting === 0 && this.#hasRoom) found(performance.now() - this.#fullSinceMs);
    }
  }

  #isWorthWaiting(error: unknown): error is PublishError {
    return isOutOfRoom(error) && !this.#patience.signal.aborted;
  }
}
