import { setTimeout as wait } from 'node:timers/promises';
import type { TopicFound } from './kafka-driver.js';
import { isForbidden, isTopicUnknown } from './kafka-errors.js';

/** A topic that was created is known to its controller first, to the brokers a moment later; a busy one took seconds. */
const NEW_TOPIC = { patienceMs: 10_000, askEveryMs: 100 };
const CLEANUP = 'cleanup.policy';
/** In the protocol. */
const TOPIC_RESOURCE = 2;

/** As much of an admin client as topics are looked at with. */
export interface TopicAdmin {
  fetchTopicMetadata(options: { topics: string[] }): Promise<{
    topics: { name: string; partitions: unknown[] }[];
  }>;
  fetchTopicOffsets(topic: string): Promise<unknown>;
  describeConfigs(options: {
    resources: { type: number; name: string; configNames: string[] }[];
    includeSynonyms: boolean;
  }): Promise<{
    resources: { resourceName: string; configEntries: { configName: string; configValue: string }[] }[];
  }>;
}

/** Topics by name; those that were `created` just now are waited for. Throws what the client throws. */
export async function findTopics(
  admin: TopicAdmin,
  names: readonly string[],
  created: readonly string[],
): Promise<ReadonlyMap<string, TopicFound>> {
  const partitions = await readPartitions(admin, names, created.length > 0 ? NEW_TOPIC.patienceMs : 0);
  const cleanups = await readCleanups(
    admin,
    names.filter((name) => !created.includes(name)),
  );
  return new Map(
    [...partitions].map(([name, count]) => [
      name,
      { partitions: count, cleanup: cleanups.get(name) ?? null },
    ]),
  );
}

/** How many each topic has; for as long as the patience lasts, topics are waited for. */
async function readPartitions(
  admin: TopicAdmin,
  names: readonly string[],
  patienceMs: number,
): Promise<Map<string, number>> {
  for (const endMs = performance.now() + patienceMs; ; await wait(NEW_TOPIC.askEveryMs)) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
      // a broker may be named the leader before it knows
      if (patienceMs > 0) for (const name of names) await admin.fetchTopicOffsets(name).catch(unlessNew);
      return new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
    } catch (error) {
      if (!isTopicUnknown(error) || performance.now() >= endMs) throw error;
    }
  }
}

/** Empty when this client may not ask, which delivering does not need. */
async function readCleanups(admin: TopicAdmin, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const resources = names.map((name) => ({ type: TOPIC_RESOURCE, name, configNames: [CLEANUP] }));
  try {
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    return new Map(
      described.resources.flatMap(({ resourceName, configEntries }) =>
        configEntries
          .filter(({ configName }) => configName === CLEANUP)
          .map(({ configValue }) => [resourceName, configValue] as const),
      ),
    );
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return new Map();
  }
}

/** Whatever else keeps a client from asking where a topic ends does not concern those who only write. */
function unlessNew(error: unknown): void {
  if (isTopicUnknown(error)) throw error;
}
