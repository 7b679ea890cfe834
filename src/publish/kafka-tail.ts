import type { KafkaTopics } from '../events.js';
import type { KafkaClient, ReadPlaces, TopicOffsets } from '../kafka-client.js';
import type { JournalRow } from '../types.js';

/** What was delivered last is looked for among what the topics hold behind the last acknowledgement. */
export class KafkaTail {
  readonly #client: KafkaClient;
  readonly #topics: readonly string[];
  readonly #places: Map<string, ReadPlaces>;
  /** Where the topics ended when they were read last. */
  #read = new Map<string, ReadPlaces>();

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
   * The ids of these rows' events that the topics hold. Nobody may be sending them any more; what others have in open
   * transactions is waited for, since what comes behind it shows only then. Throws PublishError.
   */
  async find(rows: readonly JournalRow[]): Promise<ReadonlySet<string>> {
    const wanted = new Set(rows.map(({ event }) => event.id));
    const found = new Set<string>();
    const readTopic = async (topic: string): Promise<void> => {
      const until = await this.#client.readEnds(topic);
      const reader = this.#client.createReader(topic, this.#toBegin(topic, until, rows));
      await reader.read(
        ({ headers }) => {
          const id = headers['ce_id'];
          if (id !== undefined && wanted.has(id)) found.add(id);
        },
        { untilEnd: true, until },
        new AbortController().signal,
      );
      this.#read.set(topic, until);
    };
    for (const topic of this.#topics) await readTopic(topic);
    return found;
  }

  /** None of the rows that come is behind what was read last. */
  settle(): void {
    for (const [topic, places] of this.#read) this.#places.set(topic, places);
  }

  /** More is acknowledged. */
  move(ends: TopicOffsets): void {
    for (const topic of this.#topics) {
      const held = this.#places.get(topic) ?? new Map<number, number>();
      this.#places.set(topic, new Map([...held, ...(ends.get(topic) ?? [])]));
    }
  }

  /** Where nothing is known, no record is older than its event; a topic that ends before was made anew. */
  #toBegin(topic: string, ends: ReadPlaces, rows: readonly JournalRow[]): ReadPlaces | Date {
    const places = this.#places.get(topic);
    if (places === undefined) return new Date(Math.min(...rows.map(({ committedMs }) => committedMs)));
    return new Map([...places].filter(([partition, offset]) => offset <= (ends.get(partition) ?? 0)));
  }
}
