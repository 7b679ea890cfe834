import { PublishError } from './errors.js';
import type { KafkaProducer, KafkaRecord } from './kafka-driver.js';
import { type Attempt, isSessionLost, toRefusal } from './kafka-errors.js';

/** One producer id at the brokers; whoever connects it disconnects it, also when connecting fails. */
export interface ProduceSession {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Resolves to the partitions that acknowledged. */
  send(topic: string, partition: number, records: readonly KafkaRecord[]): Promise<number[]>;
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
        await this.#send(topic, partition, records);
        return null;
      } catch (error) {
        if (isSessionLost(error)) await this[Symbol.asyncDispose]();
        const refusal = toRefusal(error);
        if (refusal === null) throw error;
        return refusal;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.disconnect().catch(() => {});
  }

  /**
   * One partition a call: within its own retries kafkajs 2.2.4 takes a broker that has acknowledged for done, so when the
   * leader of another partition of the same call moves there, the records of that one are never sent.
   */
  async #send(topic: string, partition: number, records: readonly KafkaRecord[]): Promise<void> {
    this.#session ??= await connected(this.#create());
    const acknowledged = await this.#session.send(topic, partition, records);
    if (acknowledged.length !== 1 || acknowledged[0] !== partition)
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
