import { type ExplainedLabel, type Explanation, toSettingsText } from '../../explain/explanation.js';
import { toScoreText } from '../../explain/number-text.js';
import type { Turn } from '../../explain/turn.js';
import { toClockText } from '../clock-text.js';
import { type Column, cutTo, layOut } from '../columns.js';
import { toPrintable } from '../messages.js';
import type { TableLook } from '../segments-table.js';
import { wrap } from '../wrap.js';

/** What happened to labels, a table each; fitted to a terminal, or (null) in a form that stays as it is. */
export function toTurnsTables(explanation: Explanation, look: TableLook | null): string {
  const { clip, labels } = explanation;
  const head = [toPrintable(clip), `  ${toPrintable(toSettingsText(explanation))}`];
  const fitted =
    look === null ? head : head.map((line) => cutTo(line, look.width, look.glyphs.ellipsis, 'middle'));
  const tables = labels.map((label) => `\n${toTable(label, look)}\n`);
  return `${fitted.join('\n')}\n${tables.join('')}`;
}

function toTable({ trace, turns, summary }: ExplainedLabel, look: TableLook | null): string {
  const { label, thresholds } = trace;
  const { enter, exit } = thresholds;
  const limits = `enter ${toScoreText(enter, exit)}, exit ${toScoreText(exit, enter)}`;
  const words = toPrintable(`${label} (${limits}): ${summary}`);
  const lead = look === null ? [words] : wrap(words, look.width);
  if (turns.length === 0) return lead.join('\n');
  const fitting = { width: look?.width ?? null, ellipsis: look?.glyphs.ellipsis ?? '' };
  return [...lead, ...layOut(toColumns(turns, look), fitting)].join('\n');
}

const GAP = 2;
/** With less room reasons are left out. */
const LEAST_WHY = 20;

/** Reasons that do not fit beside the rest go on below. */
function toColumns(turns: readonly Turn[], look: TableLook | null): Column[] {
  const facts = [['  time', 'score', 'average', 'what'], ...turns.map(toFacts)];
  const widths = [0, 1, 2, 3].map((n) => Math.max(...facts.map((row) => row[n]!.length)));
  const room = look === null ? Infinity : look.width - widths.reduce((sum, one) => sum + one + GAP, 0);
  const whys = ['why', ...turns.map(({ why }) => why)].map((why) =>
    room >= LEAST_WHY && room < Infinity ? wrap(why, room) : [why],
  );
  const cells = (n: number) => facts.flatMap((row, at) => [row[n]!, ...whys[at]!.slice(1).fill('')]);
  const right = { align: 'right' } as const;
  const columns: Column[] = [
    { ...right, cells: cells(0) },
    { ...right, cells: cells(1), rank: 3 },
    { ...right, cells: cells(2), rank: 2 },
    { cells: cells(3) },
    { cells: whys.flat(), rank: 1 },
  ];
  if (look === null) return columns;
  const paint = (text: string, row: number) => (row === 0 ? look.paint('dim', text) : text);
  return columns.map((column) => ({ ...column, paint }));
}

function toFacts({ atMs, score, average, what }: Turn): string[] {
  const toText = (value: number | null) => (value === null ? '' : toScoreText(value));
  return [`  ${toClockText(atMs)}`, toText(score), toText(average), what];
}
