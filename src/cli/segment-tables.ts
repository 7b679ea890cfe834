import type { FileOutcome } from '../tag-file.js';
import type { JournalHandle } from '../publish/journal.js';
import type { Segment, StreamIdentity } from '../types.js';
import { isSameDay, toClockText, toTimeOfDay, toZoneText } from './clock-text.js';
import { cutTo } from './columns.js';
import { type LabelSpan, toLabelSummary } from './label-summary.js';
import { type LabelStart, toNearestText } from './nearest-score.js';
import { toPrintable } from './messages.js';
import { type TableLook, toSegmentsTable } from './segments-table.js';
import type { TagOutput } from './tag-output.js';

interface TablesOptions {
  readonly journal: Pick<JournalHandle, 'segments' | 'scores'>;
  readonly write: (text: string) => Promise<void>;
  /** How the terminal is now; null: the tables go elsewhere, in a form that stays as it is. */
  readonly look: (() => TableLook) | null;
  /** Those that are published, in the order of their scores. */
  readonly labels: readonly LabelStart[];
}

/** Scores of longer files are not looked through: they would take much memory. */
const MOST_SCORES_MS = 48 * 3_600_000;

/** A table of segments per source, in the order of the sources; on a terminal with a summary of each label. */
export class SegmentTables implements TagOutput {
  readonly #options: TablesOptions;
  readonly #tables = new Map<number, string>();
  /** Live streams by epoch: UTC of their media time 0. */
  readonly #startTimes = new Map<string, number | null>();
  #next = 0;

  constructor(options: TablesOptions) {
    this.#options = options;
  }

  opened({ kind, epoch, startTimeMs }: StreamIdentity): void {
    if (kind === 'live') this.#startTimes.set(epoch, startTimeMs);
  }

  committed(): void {}
  async unopened(): Promise<void> {} // standard error has said it

  async finished(n: number, outcome: FileOutcome): Promise<void> {
    this.#tables.set(n, await this.#toText(outcome));
    for (
      let table = this.#tables.get(this.#next);
      table !== undefined;
      table = this.#tables.get(this.#next)
    ) {
      this.#tables.delete(this.#next++);
      await this.#options.write(table);
    }
  }

  async #toText(outcome: FileOutcome): Promise<string> {
    const { epoch, status, source } = outcome;
    const names = source.names.map(toPrintable);
    if (epoch === null) return `${names.join('\n')}\n  not tagged\n\n`;
    const segments = await this.#options.journal.segments(epoch);
    const startTimeMs = this.#startTimes.get(epoch) ?? null;
    const count = segments.length === 1 ? '1 segment' : `${segments.length} segments`;
    const note = status === 'completed' ? '' : `, ${status}`;
    const look = this.#options.look?.() ?? null;
    if (look === null) {
      const body = segments.length === 0 ? '' : `${toSegmentsTable(segments, { startTimeMs, look })}\n`;
      return `${names.join('\n')}\n${body}  ${count}${note}\n\n`;
    }
    const cut = (text: string) => cutTo(text, look.width, look.glyphs.ellipsis);
    const head = names.map((name) =>
      look.paint('bold', cutTo(name, look.width, look.glyphs.ellipsis, 'middle')),
    );
    const zone =
      startTimeMs === null || segments.length === 0
        ? []
        : [look.paint('dim', cut(`  times of day in ${toZoneText(startTimeMs)}`))];
    const tables =
      segments.length === 0
        ? []
        : [
            toSegmentsTable(segments, { startTimeMs, look }),
            '',
            toLabelSummary(segments, { ...look, span: toSpan(segments, outcome, startTimeMs) }),
          ];
    const hint = segments.length === 0 ? await this.#toHint(epoch, outcome) : null;
    const hints = hint === null ? [] : [look.paint('dim', cut(`  ${hint}`))];
    return `${[...head, ...zone, ...tables, cut(`  ${count}${note}`), ...hints].join('\n')}\n\n`;
  }

  /** What came nearest in a file in which nothing is found. */
  async #toHint(epoch: string, { durationMs = 0 }: FileOutcome): Promise<string | null> {
    if (this.#startTimes.has(epoch) || durationMs > MOST_SCORES_MS) return null;
    return toNearestText(await this.#options.journal.scores(epoch), this.#options.labels);
  }
}

/** A file from its beginning to its end, a live stream from its first segment to its last frame. */
function toSpan(
  segments: readonly Segment[],
  { durationMs = 0, lastMs = 0 }: FileOutcome,
  startTimeMs: number | null,
): LabelSpan {
  const nowMs = segments.reduce((a, { startMs, endMs }) => Math.max(a, endMs ?? startMs), lastMs);
  const toMs = Math.max(nowMs, durationMs);
  if (startTimeMs === null) return { fromMs: 0, toMs, nowMs, fromText: '0:00', toText: toClockText(toMs) };
  const fromMs = segments.reduce((a, { startMs }) => Math.min(a, startMs), toMs);
  const hasDay = !isSameDay(startTimeMs + fromMs, startTimeMs + toMs);
  const toText = (ms: number) => toTimeOfDay(startTimeMs + ms, hasDay);
  return { fromMs, toMs, nowMs, fromText: toText(fromMs), toText: toText(toMs) };
}
