import type { JournalHandle } from '../../../src/publish/journal.js';
import { readWithKcat } from '../../services/kafka-topic.js';

/** What a topic holds of a journal, counted by an outside client. */
export interface Accounts {
  /** Ids of the journal that the topic lacks. */
  readonly missing: number;
  /** Records whose event the journal does not hold. */
  readonly unknown: number;
  /** Streams whose sequence, in order of first occurrence, is not 1, 2, 3 … */
  readonly disordered: string[];
  /** Records beyond the first of an id. */
  readonly copies: number;
  /** Copies that differ from the first in any byte. */
  readonly different: number;
}

/** Compares the labels topic with the label events of the journal. */
export async function account(
  journal: JournalHandle,
  brokers: readonly string[],
  prefix: string,
): Promise<Accounts> {
  const ids = new Set((await journal.read(0, 1_000_000)).map(({ event }) => event.id));
  const first = new Map<string, string>();
  const sequences = new Map<string, number[]>();
  const counts = { unknown: 0, copies: 0, different: 0 };
  for (const { key, value, headers, timestampMs } of await readWithKcat(brokers, `${prefix}.labels`)) {
    const id = headers['ce_id']!;
    const bytes = JSON.stringify([key, value, headers, timestampMs]);
    const held = first.get(id);
    if (held === undefined) {
      first.set(id, bytes);
      sequences.set(key!, [...(sequences.get(key!) ?? []), Number(headers['ce_sequence'])]);
      if (!ids.has(id)) counts.unknown++;
    } else {
      counts.copies++;
      if (held !== bytes) counts.different++;
    }
  }
  const disordered = [...sequences].filter(([, list]) => list.some((sequence, n) => sequence !== n + 1));
  return {
    missing: [...ids].filter((id) => !first.has(id)).length,
    disordered: disordered.map(([key]) => key),
    ...counts,
  };
}
