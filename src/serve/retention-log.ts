import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Removed } from '../publish/journal-retention.js';
import type { RetentionListener } from '../publish/retention.js';

/** What goes on is told again after so long. */
const AGAIN_MS = 3_600_000;

/** Counts what retention removes, and tells people what they should know of it. `maxBytes`: the budget, when there is one. */
export function toRetentionListener(maxBytes: number | null, metrics: Metrics, log: Log): RetentionListener {
  const count = metrics.delivery.observeRetention(maxBytes);
  const isNews = createReminder();
  let shed = 0;
  return {
    removed: (removed: Removed) => {
      count(removed);
      shed += removed.shed;
      const { events, segments, scores } = removed;
      if (events + segments + scores > 0)
        log.debug({ events, segments, scores }, 'removed from the journal with age');
    },
    looked: (usedBytes, isFull) => {
      if (isFull && isNews('full'))
        log.error(
          { usedBytes, maxBytes },
          'the journal is larger than journal.maxBytes, and only events, segments and what cameras go on with are left: raise it, lower journal.retainDays, or see which sink takes no events; it grows meanwhile',
        );
      if (shed > 0 && isNews('shed')) {
        log.warn(
          { scoreBlocks: shed, maxBytes },
          'score curves gave way in the journal before their time: journal.maxBytes is less than they need',
        );
        shed = 0;
      }
    },
    clockJumped: (byMs) =>
      log.warn(
        `the clock is ${toHours(byMs)} than the journal knows it: set or off meanwhile? Nothing is removed by it for a day`,
      ),
    failed: (error) => {
      const why = error instanceof Error ? error.message : String(error);
      if (isNews(why)) log.error(`what is old could not be removed from the journal: ${why}`);
    },
  };
}

/** Whether something is told: the first time, and again an hour later. */
function createReminder(): (what: string) => boolean {
  const told = new Map<string, number>();
  return (what) => {
    const now = performance.now();
    if (now - (told.get(what) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return false;
    told.set(what, now);
    return true;
  };
}

function toHours(byMs: number): string {
  const hours = Math.round(Math.abs(byMs) / 3_600_000);
  return `${hours} ${hours === 1 ? 'hour' : 'hours'} ${byMs > 0 ? 'later' : 'earlier'}`;
}
