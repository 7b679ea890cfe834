import { PublishError } from './errors.js';
import type { KafkaProducer, KafkaRecord, PartitionRecords } from './kafka-driver.js';
import { type Attempt, isSessionLost, toRefusal } from './kafka-errors.js';
import { SpreadError } from './kafka-leaders.js';

/** One producer id at the brokers; whoever connects it disconnects it, also when connecting fails. */
export interface ProduceSession {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Sends the first and those others that the same broker leads; resolves to what it acknowledged. */
  send(requests: readonly PartitionRecords[]): Promise<PartitionRecords[]>;
}

/** Keeps one session for as long as the brokers know it; a new one begins only when they no longer do. */
export class IdempotentProducer implements KafkaProducer {
  readonly #attempt: Attempt;
  readonly #create: () => ProduceSession;
  #session: ProduceSession | null = null;

  constructor(attempt: Attempt, create: () => ProduceSession) {
    this.#attempt = attempt;
    this.#create = create;
  }

  async connect(): Promise<void> {
    await this.#attempt('write', async () => {
      this.#session ??= await connected(this.#create());
    });
  }

  send(topic: string, partition: number, records: readonly KafkaRecord[]): Promise<string | null> {
    return this.#attempt(`deliver to ${topic}`, async () => {
      try {
        await this.#send([{ topic, partition, records }]);
        return null;
      } catch (error) {
        const refusal = toRefusal(error);
        if (refusal === null) throw error;
        return refusal;
      }
    });
  }

  sendTogether(requests: readonly PartitionRecords[]): Promise<PartitionRecords[]> {
    const topics = [...new Set(requests.map(({ topic }) => topic))].join(', ');
    return this.#attempt(`deliver to ${topics}`, async () => {
      try {
        return await this.#send(requests);
      } catch (error) {
        if (toRefusal(error) === null && !(error instanceof SpreadError)) throw error;
        return [];
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.disconnect().catch(() => {});
  }

  async #send(requests: readonly PartitionRecords[]): Promise<PartitionRecords[]> {
    this.#session ??= await connected(this.#create());
    try {
      const acknowledged = await this.#session.send(requests);
      if (acknowledged.length > 0) return acknowledged;
    } catch (error) {
      if (isSessionLost(error)) await this[Symbol.asyncDispose]();
      throw error;
    }
    const { topic, partition } = requests[0]!; // one at least
    throw new PublishError(`${topic} did not acknowledge partition ${partition}`, { retryable: true });
  }
}

async function connected(session: ProduceSession): Promise<ProduceSession> {
  try {
    await session.connect();
    return session;
  } catch (error) {
    await session.disconnect().catch(() => {});
    throw error;
  }
}
