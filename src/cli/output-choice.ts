import { fstatSync } from 'node:fs';
import type { LiveLocation } from '../ingest/live-location.js';
import type { JournalHandle } from '../publish/journal.js';
import type { LabelStart } from './nearest-score.js';
import { LiveRows } from './live-rows.js';
import type { Screen } from './screen.js';
import { SegmentTables } from './segment-tables.js';
import type { StandardOutput } from './standard-output.js';
import type { TagFlags } from './tag-flags.js';
import { EventLines, type TagOutput } from './tag-output.js';
import { toLook, toWidth } from './terminal-look.js';

interface OutputContext {
  readonly flags: Pick<TagFlags, 'table' | 'json'>;
  readonly journal: JournalHandle;
  readonly pipe: StandardOutput;
  readonly screen: Screen;
  readonly labels: readonly LabelStart[];
}

/** Tables for people, events for programs. */
export function chooseOutput(
  live: readonly LiveLocation[],
  { flags, journal, pipe, screen, labels }: OutputContext,
): TagOutput {
  const { isTTY } = process.stdout;
  const isPiped = fstatSync(1).isFIFO();
  const write = (text: string): Promise<void> => {
    // it may appear on the same terminal: at once, or when who reads it (`| jq`) prints it
    if (text !== '' && isTTY) screen.hide();
    if (text !== '' && isPiped) screen.makeWay();
    return pipe.write(text);
  };
  if (!flags.table && (!isTTY || flags.json)) return new EventLines(journal, write);
  if (!isTTY) return new SegmentTables({ journal, write, look: null, labels });
  const style = toLook(process.stdout, process.env);
  const look = () => ({ ...style, width: toWidth(process.stdout) });
  const tables = new SegmentTables({ journal, write, look, labels });
  if (live.length === 0) return tables;
  const names = new Map(live.map(({ streamId, name }) => [streamId, name]));
  return new LiveRows({ journal, write, look, names, tables });
}
