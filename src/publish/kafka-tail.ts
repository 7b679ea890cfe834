import { PublishError } from '../errors.js';
import type { KafkaTopics } from '../events.js';
import type { KafkaClient, ReadPlaces, TopicOffsets } from '../kafka-client.js';
import type { JournalRow } from '../types.js';

/** What was read back of the topics: from when on, where no place was known, and where they ended. */
interface ReadBack {
  readonly sinceMs: number;
  readonly ends: TopicOffsets;
}

/** So many ids are kept, of some tens of bytes each; of topics that hold more, those of the rows that are asked for. */
const MAX_IDS = 200_000;

/** What was delivered last is looked for among what the topics hold behind the last acknowledgement. */
export class KafkaTail {
  readonly #client: KafkaClient;
  readonly #topics: readonly string[];
  readonly #places: Map<string, ReadPlaces>;
  /** Of all that was read back. */
  readonly #found = new Set<string>();
  /** Of the last time. */
  #readBack: ReadBack | null = null;
  /** Nothing was sent since, and all ids are kept: reading takes a consumer group for each topic, which may take seconds. */
  #isCurrent = false;

  /** `places`: offsets behind what was acknowledged last. */
  constructor(client: KafkaClient, { labels, streams }: KafkaTopics, places: TopicOffsets) {
    this.#client = client;
    this.#topics = [labels, streams];
    this.#places = new Map(places);
  }

  /** Offsets behind what is known to be delivered. */
  get places(): TopicOffsets {
    return this.#places;
  }

  /** The ids of events that the topics held when they were read back. */
  get found(): ReadonlySet<string> {
    return this.#found;
  }

  /**
   * The same, those of these rows among them. Nobody may be sending them any more; what others have in open transactions is
   * waited for, since what comes behind it shows only then. Throws PublishError, also when the signal ends the waiting.
   */
  async find(rows: readonly JournalRow[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const sinceMs = Math.min(...rows.map(({ committedMs }) => committedMs));
    const isEarlier = this.#readBack !== null && sinceMs < this.#readBack.sinceMs;
    if (!this.#isCurrent || isEarlier) await this.#read({ rows, sinceMs, signal });
    return this.#found;
  }

  /** Something was sent, and nobody knows whether it is there. */
  forget(): void {
    this.#isCurrent = false;
  }

  /** None of the rows that come is behind what was read last. */
  settle(): void {
    for (const [topic, places] of this.#readBack?.ends ?? []) this.#places.set(topic, places);
    this.#readBack = null;
    this.#isCurrent = false;
  }

  /** More is acknowledged. */
  move(ends: TopicOffsets): void {
    for (const topic of this.#topics) {
      const held = this.#places.get(topic) ?? new Map<number, number>();
      this.#places.set(topic, new Map([...held, ...(ends.get(topic) ?? [])]));
    }
  }

  async #read(order: { rows: readonly JournalRow[]; sinceMs: number; signal: AbortSignal }): Promise<void> {
    const wanted = new Set(order.rows.map(({ event }) => event.id));
    const ends = new Map<string, ReadPlaces>();
    let isWhole = true;
    const onId = (id: string): void => {
      if (wanted.has(id) || this.#found.size < MAX_IDS) this.#found.add(id);
      else isWhole = false;
    };
    for (const topic of this.#topics) ends.set(topic, await this.#readTopic(topic, { ...order, onId }));
    this.#readBack = { sinceMs: order.sinceMs, ends };
    this.#isCurrent = isWhole;
  }

  /** Resolves to where the topic ends. */
  async #readTopic(
    topic: string,
    { onId, sinceMs, signal }: { onId: (id: string) => void; sinceMs: number; signal: AbortSignal },
  ): Promise<ReadPlaces> {
    const until = await this.#client.readEnds(topic);
    const reader = this.#client.createReader(topic, this.#toBegin(topic, until, sinceMs));
    await reader.read(
      ({ headers }) => {
        const id = headers['ce_id'];
        if (id !== undefined) onId(id);
      },
      { untilEnd: true, until },
      signal,
    );
    if (signal.aborted)
      throw new PublishError(`what ${topic} holds was not read back in time`, { retryable: true });
    return until;
  }

  /** Where nothing is known, no record is older than its event; a topic that ends before was made anew. */
  #toBegin(topic: string, ends: ReadPlaces, sinceMs: number): ReadPlaces | Date {
    const places = this.#places.get(topic);
    if (places === undefined) return new Date(sinceMs);
    return new Map([...places].filter(([partition, offset]) => offset <= (ends.get(partition) ?? 0)));
  }
}
