import { PublishError } from '../errors.js';
import type { KafkaTopics } from '../events.js';
import type { TopicFound, TopicWish } from '../kafka-client.js';

/** The topics and the brokers that have them. */
interface Found {
  readonly topics: ReadonlyMap<string, TopicFound>;
  /** HOST:PORT of one, for the command that mends a topic. */
  readonly broker: string;
}

/** The topics of a sink, and how each is to be cleaned up. */
export function toTopicWishes({ labels, state, streams }: KafkaTopics): TopicWish[] {
  return [
    { name: labels, cleanup: 'delete' },
    { name: state, cleanup: 'compact' },
    { name: streams, cleanup: 'compact' },
  ];
}

/** What is wrong with a topic though it can be used, and what to do. */
interface CleanupWarning {
  readonly message: string;
  readonly remedy: string;
}

/**
 * What is wrong with how topics are cleaned up. Throws PublishError when a topic would lose
 * events that it is to keep.
 */
export function checkCleanups(wishes: readonly TopicWish[], { topics, broker }: Found): CleanupWarning[] {
  return wishes.flatMap(({ name, cleanup: wanted }) => {
    const found = topics.get(name)?.cleanup ?? null;
    if (found === null || found === wanted) return [];
    const state = `${name} has cleanup.policy=${found} where ${wanted} is wanted`;
    const remedy = `kafka-configs.sh --bootstrap-server ${broker} --entity-type topics --entity-name ${name} --alter --add-config cleanup.policy=${wanted}`;
    if (wanted === 'compact')
      return [{ message: `${state}, so it may lack the last record of a key`, remedy }];
    if (!found.split(',').includes('compact')) return []; // it keeps everything
    throw new PublishError(`${state}: only the last event of each stream would stay`, { remedy });
  });
}
