import { ConfigError } from '../../errors.js';
import type { JournalHandle } from '../../publish/journal.js';
import type { Removed } from '../../publish/journal-retention.js';
import { openSnapshot } from '../../publish/journal-snapshot.js';
import type { JournalSummary } from '../../publish/journal-summary.js';
import { type RetentionRule, toRule } from '../../publish/retention-rule.js';
import { printRows } from '../rows.js';
import { StopSignals } from '../stop-signals.js';
import { type ChosenJournal, chooseJournal, openOwned } from './chosen-journal.js';
import type { PurgeFlags } from './journal-flags.js';
import { toCount, toSize } from './quantities.js';

/**
 * `labelcast journal purge`: resolves to the exit status. What is old is told by the clock of this machine; a signal ends it
 * between two steps. Throws ConfigError and PublishError when nothing can be removed.
 */
export async function purge(where: string | undefined, flags: PurgeFlags): Promise<number> {
  using stop = new StopSignals(() => {});
  const chosen = chooseJournal(where, flags.config);
  const { retainDays, retainScoresHours } = toAges(chosen, flags);
  const now = Date.now();
  if (flags.dryRun) {
    await using snapshot = await openSnapshot(chosen.path);
    await remove(snapshot.journal);
  } else {
    await using journal = await openOwned(chosen.path);
    await remove(journal);
  }
  return stop.status ?? 0;

  async function remove(journal: JournalHandle): Promise<void> {
    const before = await journal.summary();
    const sinks =
      flags.config === undefined
        ? before.sinks.map(({ name }) => name)
        : chosen.sinks.map(({ name }) => name!);
    const rule = toRule({ retainDays, retainScoresHours, maxBytes: null }, now, sinks);
    const removed = await removeAll(journal, rule, stop.signal);
    const after = await journal.summary();
    const rows = [
      ...toRows(removed, { rule, before, after, isTried: flags.dryRun === true }),
      ...toKept(sinks, after),
    ];
    printRows(rows, process.stderr);
    if (stop.signal.aborted) process.stderr.write('interrupted; what is left goes the next time\n');
  }
}

function toAges({ journal }: ChosenJournal, flags: PurgeFlags) {
  const configured = flags.config === undefined ? null : journal;
  const retainDays = flags.retainDays ?? configured?.retainDays ?? null;
  const retainScoresHours = flags.retainScoresHours ?? configured?.retainScoresHours ?? null;
  if (retainDays === null && retainScoresHours === null)
    throw new ConfigError('nothing says what is old', [], {
      remedy: 'name a configuration with -c FILE, or write --retain-days N, --retain-scores-hours N or both',
    });
  return { retainDays, retainScoresHours };
}

async function removeAll(journal: JournalHandle, rule: RetentionRule, signal: AbortSignal): Promise<Removed> {
  let sum: Removed = { events: 0, segments: 0, scores: 0, shed: 0 };
  for (let isDone = false; !isDone && !signal.aborted; ) {
    const step = await journal.retain(rule);
    const { events, segments, scores } = step.removed;
    sum = {
      ...sum,
      events: sum.events + events,
      segments: sum.segments + segments,
      scores: sum.scores + scores,
    };
    ({ isDone } = step);
  }
  return sum;
}

interface Purged {
  readonly rule: RetentionRule;
  readonly before: JournalSummary;
  readonly after: JournalSummary;
  readonly isTried: boolean;
}

type Row = readonly [key: string, value: string];

function toRows({ events, segments, scores }: Removed, { rule, before, after, isTried }: Purged): Row[] {
  const are = isTried ? 'would be removed' : 'are removed';
  const { eventsBeforeMs, scoresBeforeMs } = rule;
  const sizes = `${toSize(before.usedBytes)} ${isTried ? 'would become' : 'became'} ${toSize(after.usedBytes)}`;
  const ofEvents = (count: number, one: string): string =>
    `${toCount(count, one)} from before ${toTime(eventsBeforeMs!)} ${are}`;
  return [
    ...(eventsBeforeMs === null
      ? []
      : [
          ['events', ofEvents(events, 'event')] as const,
          ['segments', ofEvents(segments, 'segment')] as const,
        ]),
    ...(scoresBeforeMs === null
      ? []
      : [
          [
            'scores',
            `${toCount(scores, 'minute')} of curves from before ${toTime(scoresBeforeMs)} ${are}`,
          ] as const,
        ]),
    ['size', sizes],
  ];
}

/** What waits in the journal, whatever its age. */
function toKept(sinks: readonly string[], { sinks: held }: JournalSummary): Row[] {
  return sinks.flatMap((name): Row[] => {
    const sink = held.find((one) => one.name === name);
    if (sink === undefined) return [['sink', `${name} has not begun yet, so that every event stays`]];
    if (sink.pending === 0) return [];
    return [['sink', `${name} has still to get ${toCount(sink.pending, 'event')}, which stay`]];
  });
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
