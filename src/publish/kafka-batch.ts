import { PublishError } from '../errors.js';
import { type PartitionRecords, type RecordSender, toPartition } from '../kafka-client.js';
import type { TopicRecord } from './kafka-records.js';

/** Below the megabyte that brokers take at once by default, with room for keys and headers. */
const REQUEST_BYTES = 512 * 1024;
const RECORD_OVERHEAD_BYTES = 1024;

interface Request {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly TopicRecord[];
}

/**
 * Records on their way to the brokers, in the portions in which they are first sent: whatever fails is sent again just so
 * before anything after it in its partition, so that the broker knows a repeat. Partitions go together until that fails;
 * from then on one by one, so that the one in trouble is found and named.
 */
export class FrozenBatch {
  /** Oldest first; the order within a partition is that of the records. */
  #requests: readonly Request[];
  #isTogether = true;
  #refused: TopicRecord | null = null;

  /** `partitions`: how many each topic has. */
  constructor(records: readonly TopicRecord[], partitions: ReadonlyMap<string, number>) {
    this.#requests = toRequests(records, partitions);
  }

  /** Resolves when everything is acknowledged. Throws PublishError; a second call goes on where this one failed. */
  async send(producer: RecordSender): Promise<void> {
    while (this.#requests.length > 0)
      if (this.#isTogether) await this.#sendTogether(producer);
      else await this.#sendFirst(producer);
  }

  /** The record that was refused for itself, if that is why sending failed. */
  get refused(): TopicRecord | null {
    return this.#refused;
  }

  async #sendTogether(producer: RecordSender): Promise<void> {
    this.#isTogether = false; // until it has worked
    const heads = firstOfEach(this.#requests);
    const acknowledged = await producer.sendTogether([...heads.keys()]).catch((error: unknown) => {
      // sent alone, what is wrong is told of the right one
      if (error instanceof PublishError && !error.retryable) return [];
      throw error;
    });
    const done = new Set(acknowledged.map((one) => heads.get(one)));
    this.#requests = this.#requests.filter((request) => !done.has(request));
    this.#isTogether = acknowledged.length > 0;
  }

  async #sendFirst(producer: RecordSender): Promise<void> {
    const [request, ...rest] = this.#requests as [Request, ...Request[]]; // there is one
    const { topic, partition, records } = request;
    const refusal = await producer.send(
      topic,
      partition,
      records.map(({ record }) => record),
    );
    if (refusal !== null && records.length === 1) this.#refused = records[0]!;
    this.#requests = refusal === null ? rest : [...halves(request, refusal), ...rest];
  }
}

/** The oldest of each partition, as it is sent. */
function firstOfEach(requests: readonly Request[]): Map<PartitionRecords, Request> {
  const places = new Map<string, Request>();
  for (const request of requests) {
    const place = toPlace(request.topic, request.partition);
    if (!places.has(place)) places.set(place, request);
  }
  return new Map(
    [...places.values()].map((request) => [
      { ...request, records: request.records.map(({ record }) => record) },
      request,
    ]),
  );
}

function toPlace(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}

function toRequests(records: readonly TopicRecord[], partitions: ReadonlyMap<string, number>): Request[] {
  const requests: (Request & { readonly records: TopicRecord[] })[] = [];
  const filling = new Map<string, { readonly records: TopicRecord[]; bytes: number }>();
  const places = new Map<string, number>();
  for (const one of records) {
    const { topic, record } = one;
    const where = `${topic} ${record.key}`;
    const partition = places.get(where) ?? toPartition(record.key, partitions.get(topic) ?? 1);
    places.set(where, partition);
    const bytes = Buffer.byteLength(record.value ?? '') + RECORD_OVERHEAD_BYTES;
    const place = toPlace(topic, partition);
    const held = filling.get(place);
    if (held !== undefined && held.bytes + bytes <= REQUEST_BYTES) {
      held.records.push(one);
      held.bytes += bytes;
      continue;
    }
    const request = { topic, partition, records: [one] };
    requests.push(request);
    filling.set(place, { records: request.records, bytes });
  }
  return requests;
}

/** A refused request holds a record that is refused for itself, or too many; the broker has taken none of it. */
function halves({ topic, partition, records }: Request, refusal: string): Request[] {
  if (records.length === 1) {
    throw new PublishError(`${topic} refuses ${records[0]!.name}: ${refusal}`, {
      remedy:
        'raise max.message.bytes of the topic or mend its settings, or leave it out with `labelcast journal skip`; then start again',
    });
  }
  const middle = records.length >> 1;
  return [records.slice(0, middle), records.slice(middle)].map((half) => ({
    topic,
    partition,
    records: half,
  }));
}
