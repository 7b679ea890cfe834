import { hostClock } from './ingest/live-source.js';
import type { Log } from './log.js';

const TOLERANCE_MS = 1000;
const LOOK_EVERY_MS = 5000;

/** Knows how far the clock of live frames, which never steps, is from UTC, and when that is news. */
export class ClockDrift {
  #saidMs = 0;

  /** `aheadMs`: UTC minus the clock of frames. What to say when that has changed by more than 1 s; null: nothing new. */
  look(aheadMs: number): string | null {
    const isWrong = Math.abs(aheadMs) > TOLERANCE_MS;
    const nowMs = isWrong ? aheadMs : 0;
    if (nowMs === this.#saidMs || (isWrong && Math.abs(nowMs - this.#saidMs) <= TOLERANCE_MS)) return null;
    this.#saidMs = nowMs;
    if (!isWrong) return 'the clock of this host is back: the UTC times of live events are right again';
    const off = `${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs > 0 ? 'behind' : 'ahead'}`;
    return `the clock of this host was set, or it slept: the UTC times of live events are ${off} now; start labelcast again to have them right`;
  }
}

/**
 * Warns for as long as it is not disposed when the host's clock is set. Frames cannot follow: a step would be a hole that
 * nobody was blind in, or a time that runs backwards.
 */
export function watchClock(log: Log): Disposable {
  const drift = new ClockDrift();
  const timer = setInterval(() => {
    const news = drift.look(Date.now() - hostClock());
    if (news !== null) log.warn(news);
  }, LOOK_EVERY_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
