import type { FaultRow } from './fault-row.js';
import type { Fault } from './faults.js';

/** Of the columns; the last one says whether all is well. */
export const TITLES = [
  'what goes wrong',
  's',
  'events/s',
  'events',
  'records',
  'distinct ids',
  'missing, unknown',
  'disordered',
  'copies (allowed)',
  'differ',
  'pending',
  'caught up, s',
  'open (expired)',
  'verdict',
] as const;

/** One row of the table; `seconds`: how long the fault was asked to last. */
export function toCells({ name }: Fault, row: FaultRow & { readonly seconds: number }): string[] {
  const { deed, accounts, state, problems } = row;
  const kills = deed.kills?.length ?? 0;
  return [
    kills > 0 ? `${name}, ${kills} ×` : name,
    row.seconds === 0 ? '–' : String(row.seconds),
    row.rate.toFixed(0),
    toCount(accounts.events),
    toCount(accounts.records),
    toCount(accounts.distinct),
    `${accounts.missing}, ${accounts.unknown}`,
    String(accounts.disordered.length),
    `${toCount(accounts.copies)} (${toCount(row.allowedCopies)})`,
    String(accounts.different),
    toCount(row.peakPending),
    row.catchUpSeconds.toFixed(1),
    `${state.strange.length === 0 ? state.open : 'differ'} (${state.expired})`,
    problems.length === 0 ? 'ok' : `VIOLATED: ${problems.join('; ')}`,
  ];
}

export function toLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Between the titles and the rows. */
export function toRule(titles: readonly string[]): string {
  return `|${titles.map(() => '---').join('|')}|`;
}

function toCount(count: number): string {
  return count.toLocaleString('en-GB');
}
