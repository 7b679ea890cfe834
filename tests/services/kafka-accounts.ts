import type { JournalHandle } from '../../src/publish/journal.js';
import { readWithKcat } from './kafka-topic.js';

/** What the topics of a prefix hold of a journal's events, counted by an outside client. */
export interface Accounts {
  /** In the journal. */
  readonly events: number;
  /** In the topics. */
  readonly records: number;
  /** In the topics, each id once. */
  readonly distinct: number;
  /** Ids of the journal that the topics lack. */
  readonly missing: number;
  /** Ids of the topics that the journal lacks. */
  readonly unknown: number;
  /** Streams and epochs whose sequence, in order of first occurrence, is not 1, 2, 3 … */
  readonly disordered: readonly string[];
  /** Records beyond the first of an id. */
  readonly copies: number;
  /** Position in the journal of each of them. */
  readonly copied: readonly number[];
  /** Copies that differ from the first in any byte. */
  readonly different: number;
}

/** Of topics that hold everything, in order, whatever came again being the same. */
export const NOTHING_WRONG = {
  missing: 0,
  unknown: 0,
  disordered: [],
  different: 0,
} satisfies Partial<Accounts>;

/** Compares the topics `labels` and `streams`, which hold each event once, with the journal. */
export async function account(
  journal: JournalHandle,
  brokers: readonly string[],
  prefix: string,
): Promise<Accounts> {
  const rows = await journal.read(0, 1_000_000);
  const positions = new Map(rows.map(({ event, position }) => [event.id, position]));
  const records = [
    ...(await readWithKcat(brokers, `${prefix}.labels`)),
    ...(await readWithKcat(brokers, `${prefix}.streams`)),
  ];
  const first = new Map<string, string>();
  const sequences = new Map<string, number[]>();
  const copied: number[] = [];
  let different = 0;
  for (const { key, value, headers, timestampMs } of records) {
    const id = headers['ce_id']!;
    const bytes = JSON.stringify([key, value, headers, timestampMs]);
    const held = first.get(id);
    if (held === undefined) {
      first.set(id, bytes);
      const sequence = headers['ce_sequence'];
      if (sequence === undefined) continue; // a state of the stream
      const { epoch } = JSON.parse(value!) as { epoch: string };
      const place = `${key} ${epoch}`;
      const list = sequences.get(place) ?? [];
      list.push(Number(sequence));
      sequences.set(place, list);
    } else {
      copied.push(positions.get(id) ?? 0);
      if (held !== bytes) different++;
    }
  }
  const disordered = [...sequences].filter(([, list]) => list.some((sequence, n) => sequence !== n + 1));
  return {
    events: rows.length,
    records: records.length,
    distinct: first.size,
    missing: rows.filter(({ event }) => !first.has(event.id)).length,
    unknown: [...first.keys()].filter((id) => !positions.has(id)).length,
    disordered: disordered.map(([place]) => place),
    copies: copied.length,
    copied,
    different,
  };
}
