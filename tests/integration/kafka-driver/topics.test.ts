import '../publish/disposal.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import { type KafkaCluster, startKafka } from '../../services/kafka.js';
import { allow, makeTopic } from '../../services/kafka-admin.js';
import { listTopics } from '../../services/kafka-topic.js';
import { drivers } from './drivers.js';

const USERS = { admin: 'admin-secret', bob: 'builder-s', carol: 'carols-own' };
let kafka: KafkaCluster;

beforeAll(async () => {
  kafka = await startKafka({ users: USERS, isAuthorized: true });
});
afterAll(() => kafka?.stop());

describe.each(drivers)('$name', ({ name, createClient }) => {
  const open = () => createClient({ ...toKafkaConfig(kafka.bootstrap), partitions: 3 });
  const openAs = (username: keyof typeof USERS) =>
    createClient({
      ...toKafkaConfig(kafka.secureBootstrap),
      ssl: { ca: kafka.certificate },
      sasl: { mechanism: 'scram-sha-256', username, password: USERS[username] },
    });

  test('whether groups may be joined is told, and no topic of groups is made for that', async () => {
    await using client = open();
    await client.checkGroups();
    await using bob = openAs('bob');
    await expect(bob.checkGroups()).rejects.toMatchObject({
      message: expect.stringMatching(/^cannot read: Kafka at \S+ gives no consumer group to bob$/),
      remedy: expect.stringMatching(/^grant READ on the groups that begin with labelcast-/),
      retryable: false,
    });
    expect(await listTopics(kafka.bootstrap)).not.toContain('__consumer_offsets');
  });

  test('topics are made as they are wished for, found as they are, and told of without making any', async () => {
    await using client = open();
    const [made, old, none] = ['made', 'old', 'none'].map((topic) => `${name}.${topic}`) as [
      string,
      string,
      string,
    ];
    await makeTopic(kafka.bootstrap, old, { name: 'cleanup.policy', value: 'compact,delete' });
    const wishes = [
      { name: made, cleanup: 'compact' },
      { name: old, cleanup: 'delete' },
    ] as const;
    const found = { partitions: 1, cleanup: 'compact,delete' };
    expect(Object.fromEntries(await client.ensureTopics(wishes))).toEqual({
      [made]: { partitions: 3, cleanup: null },
      [old]: found,
    });
    const again = { [made]: { partitions: 3, cleanup: 'compact' }, [old]: found };
    expect(Object.fromEntries(await client.ensureTopics(wishes))).toEqual(again);

    const { there, missing, refusal, rights } = await client.reviewTopics([
      ...wishes,
      { name: none, cleanup: 'delete' },
    ]);
    expect([Object.fromEntries(there), missing, refusal]).toEqual([again, [none], null]);
    for (const topic of [made, old])
      expect([...rights.get(topic)!].sort()).toEqual(['DESCRIBE', 'DESCRIBE_CONFIGS', 'READ', 'WRITE']);
    expect(await listTopics(kafka.bootstrap)).not.toContain(none);
  });

  test('a client with few rights is told of them, and of what keeps it from making topics', async () => {
    await using client = open();
    const [mine, none] = [`${name}-few.mine`, `${name}-few.none`];
    await client.ensureTopics([{ name: mine, cleanup: 'delete' }]);
    await allow(kafka.bootstrap, 'carol', [
      ['topic', `${name}-few.`, 'DESCRIBE'],
      ['topic', mine, 'WRITE'],
    ]);
    await using carol = openAs('carol');
    const wishes = [mine, none].map((topic) => ({ name: topic, cleanup: 'delete' }) as const);
    const { there, missing, refusal, rights } = await carol.reviewTopics(wishes);
    expect(Object.fromEntries(there)).toEqual({ [mine]: { partitions: 3, cleanup: null } });
    expect(missing).toEqual([none]);
    expect([...rights.get(mine)!].sort()).toEqual(['DESCRIBE', 'WRITE']);
    const refused = {
      name: 'PublishError',
      message: expect.stringMatching(
        new RegExp(`^cannot create ${none}: Kafka at \\S+ does not allow it to carol$`),
      ),
      remedy: 'grant what docs/kafka.md lists',
      retryable: false,
    };
    expect(refusal).toMatchObject(refused);
    await expect(carol.ensureTopics(wishes)).rejects.toMatchObject(refused);
  });

  test('a topic name that no broker takes', async () => {
    await using client = open();
    await expect(client.ensureTopics([{ name: 'x'.repeat(250), cleanup: 'delete' }])).rejects.toMatchObject({
      message: expect.stringMatching(/refuses the settings \(INVALID_TOPIC_EXCEPTION\)$/),
      retryable: false,
    });
  });

  test('topics that many make at once are there for each of them', async () => {
    const topicsOf = (n: number) => ['labels', 'state'].map((topic) => `${name}-${n}.${topic}`);
    const ensured = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        await using client = open();
        const wishes = topicsOf(n).map((topic) => ({ name: topic, cleanup: 'delete' as const }));
        return Object.fromEntries(await client.ensureTopics(wishes));
      }),
    );
    const expected = (n: number) =>
      Object.fromEntries(topicsOf(n).map((topic) => [topic, { partitions: 3, cleanup: null }]));
    expect(ensured).toEqual(ensured.map((_, n) => expected(n)));
  });

  test('brokers are listed as they tell others to reach them', async () => {
    await using client = open();
    expect(await client.listBrokers()).toEqual(kafka.bootstrap);
  });
});
