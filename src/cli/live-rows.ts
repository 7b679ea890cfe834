import type { FileOutcome } from '../tag-file.js';
import type { JournalRow, LabelEventData, StreamIdentity } from '../types.js';
import type { JournalHandle } from '../publish/journal.js';
import { isSameDay, toLengthText, toTimeOfDay, toZoneText } from './clock-text.js';
import { cutTo, layOut } from './columns.js';
import { toPrintable } from './messages.js';
import type { SegmentTables } from './segment-tables.js';
import type { TableLook } from './segments-table.js';
import type { TagOutput } from './tag-output.js';

interface LiveRowsOptions {
  readonly journal: Pick<JournalHandle, 'read' | 'lastPosition'>;
  readonly write: (text: string) => Promise<void>;
  readonly look: () => TableLook;
  /** Of the live streams by streamId. */
  readonly names: ReadonlyMap<string, string>;
  /** What is printed when a source is over. */
  readonly tables: SegmentTables;
}

const ROWS_AT_ONCE = 500;

/** On a terminal: the segments of live streams, a line each as they end, before the tables at the end of all. */
export class LiveRows implements TagOutput {
  readonly #options: LiveRowsOptions;
  /** Epoch → the position up to which it is written. */
  readonly #written = new Map<string, number>();
  #pumping: Promise<void> = Promise.resolve();
  #isDue = false;
  /** When the last row was, for which zone and day were said. */
  #lastMs: number | null = null;

  constructor(options: LiveRowsOptions) {
    this.#options = options;
  }

  opened(identity: StreamIdentity): void {
    this.#options.tables.opened(identity);
    // what an earlier run found is in the table at the end
    if (identity.kind === 'live') this.#written.set(identity.epoch, this.#options.journal.lastPosition);
  }

  committed(): void {
    if (this.#isDue || this.#written.size === 0) return;
    this.#isDue = true;
    this.#pumping = this.#pumping.then(() => this.#pump());
    this.#pumping.catch(() => {}); // finished() reports it
  }

  async finished(n: number, outcome: FileOutcome): Promise<void> {
    this.committed();
    await this.#pumping;
    if (outcome.epoch !== null) this.#written.delete(outcome.epoch);
    await this.#options.tables.finished(n, outcome);
  }

  async unopened(): Promise<void> {} // standard error has said it

  async #pump(): Promise<void> {
    this.#isDue = false;
    for (const epoch of this.#written.keys()) {
      let rows: JournalRow[];
      do {
        rows = await this.#options.journal.read(this.#written.get(epoch)!, ROWS_AT_ONCE, epoch);
        if (rows.length === 0) break;
        await this.#options.write(rows.map((row) => this.#toText(row)).join(''));
        this.#written.set(epoch, rows.at(-1)!.position);
      } while (rows.length === ROWS_AT_ONCE);
    }
  }

  #toText({ event: { data } }: JournalRow): string {
    if (!('label' in data) || data.phase !== 'ended' || data.endTime === null) return '';
    const look = this.#options.look();
    const atMs = Date.parse(data.endTime);
    const isNews = this.#lastMs === null || !isSameDay(this.#lastMs, atMs);
    this.#lastMs = atMs;
    const day = new Date(atMs).toDateString();
    const head = cutTo(`${day}, times of day in ${toZoneText(atMs)}`, look.width, look.glyphs.ellipsis);
    return `${isNews ? `${look.paint('dim', head)}\n` : ''}${this.#toRow(data, look)}\n`;
  }

  #toRow(data: LabelEventData, { width, glyphs, paint }: TableLook): string {
    const { label, streamId, startTime, endTime, startMs, endMs, score } = data;
    const { names } = this.#options;
    const [startAt, endAt] = [startTime, endTime].map((time) => toTimeOfDay(Date.parse(time!)));
    const name = { cells: [toPrintable(names.get(streamId) ?? streamId)], rank: 1 };
    return layOut(
      [
        ...(names.size > 1 ? [{ ...name, cut: { toWidth: 12, at: 'middle' } } as const] : []),
        {
          cells: [toPrintable(label)],
          width: 14,
          cut: { toWidth: 8, at: 'end' },
          paint: (text) => paint('bold', text),
        },
        { cells: [`${startAt} to ${endAt}`] },
        { cells: [toLengthText(endMs! - startMs)], width: 11, align: 'right', rank: 2 },
        { cells: [`peak ${score.peak.toFixed(2)}`], rank: 3 },
      ],
      { width, ellipsis: glyphs.ellipsis },
    ).join('');
  }
}
