import { PublishError } from '../errors.js';
import type { KafkaTopics } from '../events.js';
import type { KafkaClient, ReadPlaces, TopicOffsets } from '../kafka-client.js';
import type { JournalRow } from '../types.js';

/** What was read back of the topics: the ids of their events, from when on where no place was known, and where they ended. */
interface ReadBack {
  readonly ids: ReadonlySet<string>;
  readonly sinceMs: number;
  readonly ends: TopicOffsets;
}

/** What was delivered last is looked for among what the topics hold behind the last acknowledgement. */
export class KafkaTail {
  readonly #client: KafkaClient;
  readonly #topics: readonly string[];
  readonly #places: Map<string, ReadPlaces>;
  /** Holds for as long as nobody sends: reading takes a consumer group for each topic, which may take seconds. */
  #readBack: ReadBack | null = null;

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

  /**
   * The ids of events that the topics hold, those of these rows among them. Nobody may be sending them any more; what others
   * have in open transactions is waited for, since what comes behind it shows only then. Throws PublishError, also when the
   * signal ends the waiting.
   */
  async find(rows: readonly JournalRow[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const sinceMs = Math.min(...rows.map(({ committedMs }) => committedMs));
    if (this.#readBack === null || sinceMs < this.#readBack.sinceMs)
      this.#readBack = await this.#read(sinceMs, signal);
    return this.#readBack.ids;
  }

  /** Something was sent, and nobody knows whether it is there. */
  forget(): void {
    this.#readBack = null;
  }

  /** None of the rows that come is behind what was read last. */
  settle(): void {
    for (const [topic, places] of this.#readBack?.ends ?? []) this.#places.set(topic, places);
    this.#readBack = null;
  }

  /** More is acknowledged. */
  move(ends: TopicOffsets): void {
    for (const topic of this.#topics) {
      const held = this.#places.get(topic) ?? new Map<number, number>();
      this.#places.set(topic, new Map([...held, ...(ends.get(topic) ?? [])]));
    }
  }

  async #read(sinceMs: number, signal: AbortSignal): Promise<ReadBack> {
    const ids = new Set<string>();
    const ends = new Map<string, ReadPlaces>();
    for (const topic of this.#topics) ends.set(topic, await this.#readTopic(topic, { ids, sinceMs, signal }));
    return { ids, sinceMs, ends };
  }

  /** Resolves to where the topic ends. */
  async #readTopic(
    topic: string,
    { ids, sinceMs, signal }: { ids: Set<string>; sinceMs: number; signal: AbortSignal },
  ): Promise<ReadPlaces> {
    const until = await this.#client.readEnds(topic);
    const reader = this.#client.createReader(topic, this.#toBegin(topic, until, sinceMs));
    await reader.read(
      ({ headers }) => {
        const id = headers['ce_id'];
        if (id !== undefined) ids.add(id);
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
