import { PublishError } from '../errors.js';
import { type KafkaProducer, toPartition } from '../kafka-client.js';
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
 * Records on their way to the brokers, in the requests in which they are first sent: whatever fails is sent again just so
 * before anything after it in its partition, so that the broker knows a repeat.
 */
export class FrozenBatch {
  /** Oldest first; the order within a partition is that of the records. */
  readonly #requests: Request[];

  /** `partitions`: how many each topic has. */
  constructor(records: readonly TopicRecord[], partitions: ReadonlyMap<string, number>) {
    this.#requests = toRequests(records, partitions);
  }

  /** Resolves when everything is acknowledged. Throws PublishError; a second call goes on where this one failed. */
  async send(producer: KafkaProducer): Promise<void> {
    for (;;) {
      const request = this.#requests[0];
      if (request === undefined) return;
      const { topic, partition, records } = request;
      const refusal = await producer.send(
        topic,
        partition,
        records.map(({ record }) => record),
      );
      if (refusal === null) this.#requests.shift();
      else this.#requests.splice(0, 1, ...halves(request, refusal));
    }
  }
}

function toRequests(records: readonly TopicRecord[], partitions: ReadonlyMap<string, number>): Request[] {
  const requests: (Request & { readonly records: TopicRecord[] })[] = [];
  const filling = new Map<string, { readonly records: TopicRecord[]; bytes: number }>();
  for (const one of records) {
    const { topic, record } = one;
    const partition = toPartition(record.key, partitions.get(topic) ?? 1);
    const bytes = Buffer.byteLength(record.value ?? '') + RECORD_OVERHEAD_BYTES;
    const place = `${topic} ${partition}`;
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
