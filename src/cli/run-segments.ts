import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JournalHandle } from '../publish/journal.js';
import type { LocatedSegment } from '../publish/segments-csv.js';
import type { FileOutcome } from '../tag-file.js';

/** This run's segments as in the tables, once under each path, then those of the journal's other streams. */
export async function segmentsOf(
  outcomes: readonly FileOutcome[],
  journal: JournalHandle,
): Promise<LocatedSegment[]> {
  const mine: LocatedSegment[] = [];
  const streams = new Set<string>();
  for (const { source, epoch } of outcomes) {
    if (epoch === null) continue;
    streams.add(source.streamId);
    const segments = await journal.segments(epoch);
    for (const { streamId } of segments.slice(0, 1)) streams.add(streamId);
    for (const name of source.names) mine.push(...segments.map((one) => ({ ...one, path: toPath(name) })));
  }
  const others = (await journal.segments()).filter(({ streamId }) => !streams.has(streamId));
  return [...mine, ...others.map((one) => ({ ...one, path: toPath(one.sourceUri) }))];
}

/** Where a source lies, as people write it. */
function toPath(name: string): string {
  if (/^file:\/\//i.test(name)) return fileURLToPath(name);
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(name) ? name : resolve(name);
}
