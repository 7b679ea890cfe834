import { PublishError } from './errors.js';
import type { RecordSender, TopicOffsets, TransactionalProducer } from './kafka-driver.js';
import { type Attempt, isCoordinatorMissing, isFenced } from './kafka-errors.js';
import { connected, type ProduceSession, toSender } from './kafka-producer.js';

/**
 * When brokers end a transaction of which they hear nothing more. Until then `read_committed` readers wait for one whose
 * labelcast was killed and is not started again; one that takes longer, since the brokers hang, is begun anew.
 */
export const TRANSACTION_TIMEOUT_MS = 20_000;

/** One session with a transactional id; `connect` fences the one before it. */
export interface TransactionSession extends ProduceSession {
  /** Commits what was sent since the last time. */
  commit(): Promise<void>;
  /** Offsets behind what was sent since the last time. */
  takeEnds(): TopicOffsets;
}

/**
 * Every transaction that is not committed ends its session, and the next one begins with a new epoch of the producer. It is
 * never aborted in the old one: what is still on its way then could come after the abort, and nobody would end what that
 * begins (KIP-890), or have the number of a record that comes next, which brokers would take for a repeat and drop (KIP-360).
 */
export class EpochProducer implements TransactionalProducer {
  readonly #id: string;
  readonly #attempt: Attempt;
  readonly #create: () => TransactionSession;
  readonly #explain: () => Promise<void>;
  #session: TransactionSession | null = null;
  /** Since the last commit, a session that had committed nothing was fenced once. */
  #isForgiven = false;
  #hasCommitted = false;

  /** `explain`: throws why no coordinator is found, if that can be known. */
  constructor(
    id: string,
    {
      attempt,
      create,
      explain,
    }: {
      readonly attempt: Attempt;
      readonly create: () => TransactionSession;
      readonly explain: () => Promise<void>;
    },
  ) {
    this.#id = id;
    this.#attempt = attempt;
    this.#create = create;
    this.#explain = explain;
  }

  async connect(): Promise<void> {
    await this.#attempt('write', async () => {
      try {
        if (this.#session !== null) return;
        this.#session = await connected(this.#create());
        this.#hasCommitted = false;
      } catch (error) {
        if (!isCoordinatorMissing(error)) throw error;
        await this.#explain();
        throw toUncoordinated(error);
      }
    });
  }

  async transact(send: (sender: RecordSender) => Promise<void>): Promise<TopicOffsets> {
    const session = this.#session;
    if (session === null) throw new PublishError('there is no session to transact in', { retryable: true });
    const begin = [performance.now(), Date.now()] as const;
    try {
      await send(toSender(this.#attempt, (requests) => session.send(requests)));
      await this.#attempt('commit a transaction', () => session.commit());
      this.#hasCommitted = true;
      this.#isForgiven = false;
      return session.takeEnds();
    } catch (error) {
      await this[Symbol.asyncDispose]();
      // the one stands still while the machine sleeps, and the other can be set
      if (isFenced(error))
        throw this.#toFenced(error, Math.max(performance.now() - begin[0], Date.now() - begin[1]));
      throw isCoordinatorMissing(error) ? toUncoordinated(error) : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.disconnect().catch(() => {});
  }

  /** Brokers say the same to one that another has fenced and to one of which they have ended the transaction. */
  #toFenced(cause: unknown, tookMs: number): PublishError {
    if (tookMs >= TRANSACTION_TIMEOUT_MS) {
      const seconds = (tookMs / 1000).toFixed(0);
      return new PublishError(`a transaction took ${seconds} s, and Kafka has ended it`, {
        retryable: true,
        remedy: 'see whether the brokers, or this machine, are slow',
        cause,
      });
    }
    if (!this.#hasCommitted && !this.#isForgiven) {
      this.#isForgiven = true; // a request of ours for the id that came late would look like this
      return new PublishError('this start was overtaken by another one, or by an attempt of its own', {
        retryable: true,
        cause,
      });
    }
    return new PublishError(
      `another labelcast has taken over: it delivers this journal, or a copy of it, to this sink too (transactional id ${this.#id})`,
      {
        remedy: 'stop the other one and start this one again, or deliver each journal from one place',
        cause,
      },
    );
  }
}

function toUncoordinated(cause: unknown): PublishError {
  return new PublishError('Kafka names no coordinator for transactions', {
    retryable: true,
    remedy:
      'a new cluster may need a moment; else see the log of the brokers and the topic __transaction_state',
    cause,
  });
}
