import kafkajs, { type Admin } from 'kafkajs';
import { until } from '../until.js';
import { readLeaders } from './kafka-topic.js';

const RESOURCES = {
  topic: kafkajs.AclResourceTypes.TOPIC,
  group: kafkajs.AclResourceTypes.GROUP,
  transactions: kafkajs.AclResourceTypes.TRANSACTIONAL_ID,
};

/** Does something at the brokers that labelcast itself never does. */
async function withKafkaAdmin<T>(brokers: readonly string[], use: (admin: Admin) => Promise<T>): Promise<T> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Makes a topic of one partition with a setting of its own; resolves when it has a leader. */
export async function makeTopic(
  brokers: readonly string[],
  topic: string,
  setting: { readonly name: string; readonly value: string },
): Promise<void> {
  const topics = [{ topic, configEntries: [setting], numPartitions: 1 }];
  // kafkajs 2.2.4 gives up waiting when the broker does not know the topic yet
  await withKafkaAdmin(brokers, (admin) => admin.createTopics({ topics, waitForLeaders: false }));
  await readLeaders(brokers, topic);
}

/** Gives a topic more partitions; resolves when they have leaders. */
export async function addPartitions(brokers: readonly string[], topic: string, count: number): Promise<void> {
  const topicPartitions = [{ topic, count }];
  await withKafkaAdmin(brokers, (admin) => admin.createPartitions({ topicPartitions }));
  await until(`${count} partitions`, async () => (await readLeaders(brokers, topic)).length === count);
}

/** Removes the records of partition 0 before an offset, as retention does. */
export function cutTopic(brokers: readonly string[], topic: string, before: number): Promise<void> {
  const partitions = [{ partition: 0, offset: String(before) }];
  return withKafkaAdmin(brokers, async (admin) => {
    await admin.fetchTopicOffsets(topic); // kafkajs 2.2.4 has to know the leaders first
    await admin.deleteTopicRecords({ topic, partitions });
  });
}

/** Lets a user do these operations on topics, groups or transactional ids of a prefix; resolves when the brokers know it. */
export function allow(
  brokers: readonly string[],
  user: string,
  rights: readonly (readonly [keyof typeof RESOURCES, string, 'READ' | 'WRITE' | 'CREATE' | 'DESCRIBE'])[],
): Promise<void> {
  const { AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs;
  const acl = rights.map(([kind, resourceName, operation]) => ({
    resourceType: RESOURCES[kind],
    resourceName,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    principal: `User:${user}`,
    host: '*',
    operation: AclOperationTypes[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }));
  return withKafkaAdmin(brokers, async (admin) => {
    await admin.createAcls({ acl });
    // the controller has it then, and the brokers learn it from its log
    for (const one of acl)
      await until(`brokers know what ${user} may`, async () => {
        const { resources } = await admin.describeAcls(one);
        return resources.length > 0;
      });
  });
}
