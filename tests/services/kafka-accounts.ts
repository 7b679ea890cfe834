import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { StoredRecord } from '../../src/kafka-client.js';
import type { JournalHandle } from '../../src/publish/journal.js';
import { recordsOf } from './kafka-topic.js';

const PAGE_EVENTS = 5000;
const MARKS_MS = 30_000;
const LOOK_EVERY_MS = 300;

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

/**
 * Compares the topics `labels` and `streams`, which hold each event once, with the journal, as a `read_committed` reader sees
 * them. `backup`: what the journal held before something was removed from it.
 */
export async function account(
  journal: JournalHandle,
  brokers: readonly string[],
  prefix: string,
  backup: JournalHandle | null = null,
): Promise<Accounts> {
  const positions = new Map<string, number>();
  if (backup !== null) await addPositions(positions, backup);
  await addPositions(positions, journal);
  const tally = new Tally();
  for (const topic of ['labels', 'streams'])
    for await (const record of recordsOf(brokers, `${prefix}.${topic}`)) tally.add(record);
  return {
    events: positions.size,
    records: tally.records,
    distinct: tally.first.size,
    missing: [...positions.keys()].filter((id) => !tally.first.has(id)).length,
    unknown: [...tally.first.keys()].filter((id) => !positions.has(id)).length,
    disordered: [...tally.disordered],
    copies: tally.copiedIds.length,
    copied: tally.copiedIds.map((id) => positions.get(id) ?? 0),
    different: tally.different,
  };
}

/**
 * The same once everything was delivered: what is committed shows a moment later, when its marks are written. Gives up after
 * half a minute in which something was missing.
 */
export async function accountAtEnd(...of: Parameters<typeof account>): Promise<Accounts> {
  const endMs = performance.now() + MARKS_MS;
  for (;;) {
    const accounts = await account(...of);
    if (accounts.missing === 0 || performance.now() > endMs) return accounts;
    await wait(LOOK_EVERY_MS);
  }
}

async function addPositions(positions: Map<string, number>, journal: JournalHandle): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await journal.read(after, PAGE_EVENTS);
    for (const { event, position } of rows) positions.set(event.id, position);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}

/** What was read so far; of each record a digest is kept. */
class Tally {
  records = 0;
  different = 0;
  readonly first = new Map<string, string>();
  readonly copiedIds: string[] = [];
  readonly disordered = new Set<string>();
  readonly #sequences = new Map<string, number>();

  add({ key, value, headers, timestampMs }: StoredRecord): void {
    this.records += 1;
    const id = headers['ce_id']!;
    const bytes = JSON.stringify([key, value, headers, timestampMs]);
    const digest = createHash('sha256').update(bytes).digest('base64');
    const held = this.first.get(id);
    if (held !== undefined) {
      this.copiedIds.push(id);
      if (held !== digest) this.different += 1;
      return;
    }
    this.first.set(id, digest);
    const sequence = headers['ce_sequence'];
    if (sequence === undefined) return; // a state of the stream
    const { epoch } = JSON.parse(value!) as { epoch: string };
    const place = `${key} ${epoch}`;
    const next = (this.#sequences.get(place) ?? 0) + 1;
    if (Number(sequence) !== next) this.disordered.add(place);
    this.#sequences.set(place, next);
  }
}
