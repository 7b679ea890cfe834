import { PublishError } from './errors.js';
import type { KafkaProducer, KafkaRecord, PartitionRecords, RecordSender } from './kafka-driver.js';
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
  readonly #sender: RecordSender;
  #session: ProduceSession | null = null;

  constructor(attempt: Attempt, create: () => ProduceSession) {
    this.#attempt = attempt;
    this.#create = create;
    this.#sender = toSender(attempt, (requests) => this.#send(requests));
  }

  async connect(): Promise<void> {
    await this.#attempt('write', async () => {
      this.#session ??= await connected(this.#create());
    });
  }

  send(topic: string, partition: number, records: readonly KafkaRecord[]): Promise<string | null> {
    return this.#sender.send(topic, partition, records);
  }

  sendTogether(requests: readonly PartitionRecords[]): Promise<PartitionRecords[]> {
    return this.#sender.sendTogether(requests);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.disconnect().catch(() => {});
  }

  async #send(requests: readonly PartitionRecords[]): Promise<PartitionRecords[]> {
    this.#session ??= await connected(this.#create());
    try {
      return await this.#session.send(requests);
    } catch (error) {
      if (isSessionLost(error)) await this[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** Sends through a session, so that what the brokers refuse for itself is told and not thrown. */
export function toSender(attempt: Attempt, transfer: ProduceSession['send']): RecordSender {
  const sendSome = async (requests: readonly PartitionRecords[]): Promise<PartitionRecords[]> => {
    const acknowledged = await transfer(requests);
    if (acknowledged.length > 0) return acknowledged;
    const { topic, partition } = requests[0]!; // one at least
    throw new PublishError(`${topic} did not acknowledge partition ${partition}`, { retryable: true });
  };
  return {
    send: (topic, partition, records) =>
      attempt(`deliver to ${topic}`, async () => {
        try {
          await sendSome([{ topic, partition, records }]);
          return null;
        } catch (error) {
          const refusal = toRefusal(error);
          if (refusal === null) throw error;
          return refusal;
        }
      }),
    sendTogether: (requests) => {
      const topics = [...new Set(requests.map(({ topic }) => topic))].join(', ');
      return attempt(`deliver to ${topics}`, async () => {
        try {
          return await sendSome(requests);
        } catch (error) {
          if (toRefusal(error) === null && !(error instanceof SpreadError)) throw error;
          return [];
        }
      });
    },
  };
}

/** Connects a session, and lets go of it when that fails. */
export async function connected<Session extends Pick<ProduceSession, 'connect' | 'disconnect'>>(
  session: Session,
): Promise<Session> {
  try {
    await session.connect();
    return session;
  } catch (error) {
    await session.disconnect().catch(() => {});
    throw error;
  }
}
