import { setTimeout as wait } from 'node:timers/promises';
import type { JournalHandle } from './journal.js';
import type { Removed } from './journal-retention.js';
import { advanceClock, type RetentionClock, toRetentionTime } from './retention-clock.js';
import { type RetentionPolicy, toRule } from './retention-rule.js';

/** Told what retention does. */
export interface RetentionListener {
  /** Rows that went in a step. */
  removed(removed: Removed): void;
  /** After each look at the journal: its pages in use; `isFull`: more than the budget, and only what must stay is left. */
  looked(usedBytes: number, isFull: boolean): void;
  /** The clock is ahead of what was expected by so much, or behind (negative), and is not believed for a day. */
  clockJumped(byMs: number): void;
  /** A look failed; it is repeated a minute later. */
  failed(error: unknown): void;
}

interface RetentionOptions {
  readonly journal: Pick<JournalHandle, 'retain' | 'retentionClock' | 'keepRetentionClock'>;
  readonly policy: RetentionPolicy;
  /** Names of the configured sinks. */
  readonly sinks: readonly string[];
  readonly told: RetentionListener;
  /** Milliseconds since 1970; default: the clock of the machine. */
  readonly now?: () => number;
  readonly everyMs?: number;
}

const EVERY_MS = 60_000;
/** Between two steps, for commits and relays. */
const PAUSE_MS = 20;

/** Removes what is old, at once and then each minute, a small step at a time, until it is closed; closing ends a step under way. */
export function startRetention(options: RetentionOptions): AsyncDisposable {
  const stop = new AbortController();
  const running = new Retention(options).run(stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

class Retention {
  readonly #options: RetentionOptions;
  /** When the clock was last looked at, in milliseconds of running. */
  #lookedAt = performance.now();
  #isDoubted = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { told, everyMs = EVERY_MS } = this.#options;
    while (!signal.aborted) {
      await this.#look(signal).catch((error: unknown) => told.failed(error));
      await wait(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { journal, policy, sinks, told } = this.#options;
    const rule = toRule(policy, await this.#toTime(), sinks);
    while (!signal.aborted) {
      const { removed, isDone, usedBytes } = await journal.retain(rule);
      told.removed(removed);
      if (isDone) return told.looked(usedBytes, policy.maxBytes !== null && usedBytes > policy.maxBytes);
      await wait(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #toTime(): Promise<number> {
    const { journal, told, now = Date.now } = this.#options;
    const wallMs = now();
    const at = performance.now();
    const elapsedMs = at - this.#lookedAt;
    const held: RetentionClock = (await journal.retentionClock()) ?? { trustedMs: wallMs, doubtedForMs: 0 };
    const clock = advanceClock(held, { wallMs, elapsedMs });
    await journal.keepRetentionClock(clock);
    this.#lookedAt = at;
    const isDoubted = clock.trustedMs !== wallMs;
    if (isDoubted && !this.#isDoubted) told.clockJumped(wallMs - clock.trustedMs);
    this.#isDoubted = isDoubted;
    return toRetentionTime(clock, wallMs);
  }
}
