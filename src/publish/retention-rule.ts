/** How long a journal keeps what is of live streams, and how large it may become. Null: as long, or as large, as it comes. */
export interface RetentionPolicy {
  readonly retainDays: number | null;
  readonly retainScoresHours: number | null;
  readonly maxBytes: number | null;
}

/** What may go of a journal. Times are milliseconds since 1970; null: nothing goes by it. */
export interface RetentionRule {
  readonly nowMs: number;
  /** Live events and segments from before that. */
  readonly eventsBeforeMs: number | null;
  /** Score curves of live streams from before that. */
  readonly scoresBeforeMs: number | null;
  /** More pages in use than that are too many: score curves go, oldest first, and never anything else. */
  readonly maxBytes: number | null;
  /** An event that one of these has not delivered stays. */
  readonly sinks: readonly string[];
}

const HOUR_MS = 3_600_000;

/** What may go at a time; `sinks`: those that are configured. */
export function toRule(policy: RetentionPolicy, nowMs: number, sinks: readonly string[]): RetentionRule {
  const { retainDays, retainScoresHours, maxBytes } = policy;
  return {
    nowMs,
    eventsBeforeMs: retainDays === null ? null : nowMs - retainDays * 24 * HOUR_MS,
    scoresBeforeMs: retainScoresHours === null ? null : nowMs - retainScoresHours * HOUR_MS,
    maxBytes,
    sinks,
  };
}
