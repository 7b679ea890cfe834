import { readSize } from '../../publish/disk-room.js';
import { findOwner } from '../../publish/journal-guard.js';
import { openSnapshot } from '../../publish/journal-snapshot.js';
import type { JournalSummary } from '../../publish/journal-summary.js';
import { toPrintable } from '../messages.js';
import { printRows } from '../rows.js';
import { chooseJournal } from './chosen-journal.js';
import type { InfoFlags } from './journal-flags.js';
import { toCount, toSize } from './quantities.js';

/** `labelcast journal info`: resolves to the exit status. Throws ConfigError and PublishError when it cannot be read. */
export async function info(
  where: string | undefined,
  { config, json }: InfoFlags,
  out: NodeJS.WriteStream,
): Promise<number> {
  const { path, sinks } = chooseJournal(where, config);
  const summary = await summarise(path);
  const file: FileFacts = {
    path,
    owner: findOwner(path),
    bytes: readSize(path),
    logBytes: readSize(`${path}-wal`),
  };
  if (json) out.write(`${JSON.stringify(toJson(file, summary))}\n`);
  else printRows(toRows(file, summary, config === undefined ? null : sinks.map(({ name }) => name!)), out);
  return 0;
}

interface FileFacts {
  readonly path: string;
  /** The process that has it; null: none that can be seen. */
  readonly owner: number | null;
  readonly bytes: number;
  readonly logBytes: number;
}

async function summarise(path: string): Promise<JournalSummary> {
  await using snapshot = await openSnapshot(path);
  return await snapshot.journal.summary();
}

function toJson(file: FileFacts, summary: JournalSummary): object {
  const { oldestMs, newestMs, wholeFromMs, isGivenBack: isSpaceGivenBack, bytes: _, ...rest } = summary;
  return {
    ...file,
    ...rest,
    isSpaceGivenBack,
    oldestTime: toTime(oldestMs),
    newestTime: toTime(newestMs),
    wholeFromTime: toTime(wholeFromMs),
  };
}

/** `configured`: names of the sinks of the configuration; null: there is none. */
function toRows(
  { path, owner, bytes, logBytes }: FileFacts,
  held: JournalSummary,
  configured: readonly string[] | null,
): (readonly [string, string])[] {
  const free = bytes - Math.min(bytes, held.usedBytes);
  const isOld = held.version < held.newestVersion || !held.isGivenBack;
  return [
    ['journal', toPrintable(path)],
    ['in use', owner === null ? 'no' : `by process ${owner}`],
    [
      'version',
      `${held.version}${isOld ? `; labelcast journal migrate makes it ${held.newestVersion}, which gives space back` : ''}`,
    ],
    ['size', `${toSize(bytes)}, of which ${toSize(free)} are free; its log ${toSize(logBytes)}`],
    ['streams', `${toCount(held.streams, 'stream')}, ${toCount(held.epochs, 'epoch')}`],
    ['events', toEvents(held)],
    ['segments', `${toCount(held.segments, 'segment')}, ${held.openSegments.toLocaleString('en')} open`],
    ['scores', `${toCount(held.scoreBlocks, 'minute')} of curves`],
    ...(held.wholeFromMs === null
      ? []
      : [['removed', `what cameras left before ${toTime(held.wholeFromMs)}, with age`] as const]),
    ...held.sinks.map(({ name, position, pending }) => {
      const isGone = configured !== null && !configured.includes(name);
      const state = pending === 0 ? 'has everything' : `has still to get ${toCount(pending, 'event')}`;
      const note = isGone ? '; not in the configuration, so nothing waits for it' : '';
      return ['sink', `${name} ${state}, stands at ${position.toLocaleString('en')}${note}`] as const;
    }),
  ];
}

function toEvents({ events, oldestMs, newestMs }: JournalSummary): string {
  const count = toCount(events, 'event');
  return oldestMs === null ? count : `${count}, ${toTime(oldestMs)} to ${toTime(newestMs)}`;
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
