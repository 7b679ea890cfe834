import type { KafkaConfig } from './config/config.js';
import type { PublishError } from './errors.js';
import type { TopicFound, TopicReview, TopicWish } from './kafka-driver.js';
import type { Attempt } from './kafka-errors.js';
import type { TopicRights } from './kafka-rights.js';
import { findTopics, type TopicAdmin } from './kafka-topics.js';

/** As much of an admin client as topics are created with. */
interface KeeperAdmin extends TopicAdmin {
  listTopics(): Promise<string[]>;
  createTopics(options: {
    topics: {
      topic: string;
      numPartitions: number;
      replicationFactor: number;
      configEntries: { name: string; value: string }[];
    }[];
    validateOnly: boolean;
    waitForLeaders: boolean;
  }): Promise<boolean>;
}

/** Of a topic that is created, unless the configuration states another number. */
const PARTITIONS = 6;

interface KeeperOptions {
  readonly config: KafkaConfig;
  readonly attempt: Attempt;
  readonly withAdmin: <T>(use: (admin: KeeperAdmin) => Promise<T>) => Promise<T>;
  readonly readRights: (topics: readonly string[]) => Promise<TopicRights>;
}

/** Sees to it that the topics of a sink are there, or says how they stand. Throws PublishError. */
export class TopicKeeper {
  readonly #options: KeeperOptions;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  ensure(wishes: readonly TopicWish[]): Promise<ReadonlyMap<string, TopicFound>> {
    const { attempt, withAdmin } = this.#options;
    const names = toNames(wishes);
    return attempt(`use ${names.join(', ')}`, async () => {
      const missing = await this.#findMissing(wishes);
      await this.#create(missing, { validateOnly: false });
      return withAdmin((admin) => findTopics(admin, names, toNames(missing)));
    });
  }

  review(wishes: readonly TopicWish[]): Promise<TopicReview> {
    const { attempt, withAdmin, readRights } = this.#options;
    return attempt(`use ${toNames(wishes).join(', ')}`, async () => {
      const missing = await this.#findMissing(wishes);
      const names = toNames(wishes.filter((wish) => !missing.includes(wish)));
      const there = names.length === 0 ? new Map() : await withAdmin((admin) => findTopics(admin, names, []));
      const rights = await readRights(names);
      const refusal = await this.#create(missing, { validateOnly: true }).then(
        () => null,
        (error: PublishError) => error,
      );
      return { there, rights, missing: toNames(missing), refusal };
    });
  }

  async #findMissing(wishes: readonly TopicWish[]): Promise<TopicWish[]> {
    const held = new Set(await this.#options.withAdmin((admin) => admin.listTopics()));
    return wishes.filter(({ name }) => !held.has(name));
  }

  /** Creates topics, or with `validateOnly` has the brokers say whether they would. */
  async #create(
    wishes: readonly TopicWish[],
    { validateOnly }: { readonly validateOnly: boolean },
  ): Promise<void> {
    if (wishes.length === 0) return;
    const { config, attempt, withAdmin } = this.#options;
    const { partitions: numPartitions = PARTITIONS, replicationFactor } = config;
    const topics = wishes.map(({ name, cleanup }) => ({
      topic: name,
      numPartitions,
      replicationFactor,
      configEntries: [{ name: 'cleanup.policy', value: cleanup }],
    }));
    // kafkajs 2.2.4 would wait for leaders, but gives up when the broker does not know the topic yet
    const options = { topics, validateOnly, waitForLeaders: false };
    await attempt(`create ${toNames(wishes).join(', ')}`, () =>
      withAdmin((admin) => admin.createTopics(options)),
    );
  }
}

function toNames(wishes: readonly TopicWish[]): string[] {
  return wishes.map(({ name }) => name);
}
