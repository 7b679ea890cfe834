import { type RawBroker, type RawRequest, withCluster } from './kafka-cluster.js';

/** What a client may do with a topic, as the brokers name it. */
export type TopicRight = 'READ' | 'WRITE' | 'DESCRIBE' | 'DESCRIBE_CONFIGS';

/** As bits of the answer (KIP-430). */
const BITS: Readonly<Record<TopicRight, number>> = { READ: 3, WRITE: 4, DESCRIBE: 8, DESCRIBE_CONFIGS: 10 };
const METADATA = { apiKey: 3, apiVersion: 8, apiName: 'Metadata' };
/** The brokers do not say. */
const UNSAID = -(2 ** 31);

/** What a broker says of a group that it does not keep. */
const ELSEWHERE = new Set([
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
]);

export type TopicRights = ReadonlyMap<string, ReadonlySet<TopicRight>>;

/**
 * The rights of a client on topics that are there, by name; nothing is written. `kafka`: a client of kafkajs, which has no
 * call for this. Empty when it or the brokers (before 2.3) cannot tell. Throws what kafkajs throws.
 */
export async function readTopicRights(kafka: object, topics: readonly string[]): Promise<TopicRights> {
  if (topics.length === 0) return new Map();
  const rights = await withBroker(kafka, async (broker) => {
    if ((broker.versions[METADATA.apiKey]?.maxVersion ?? 0) < METADATA.apiVersion) return null;
    return broker.connectionPool.send(toRequest(topics));
  });
  return rights ?? new Map();
}

/**
 * Throws what kafkajs throws when a client may not see a group. Any broker is asked, and not the group's coordinator: a
 * broker that is asked for that one creates the topic of all groups. Rights come first, so one without them is told so.
 */
export async function checkGroupRight(kafka: object, groupId: string): Promise<void> {
  await withBroker(kafka, async (broker) => {
    try {
      await broker.describeGroups({ groupIds: [groupId] });
    } catch (error) {
      if (!ELSEWHERE.has((error as { readonly type?: string }).type ?? '')) throw error;
    }
  });
}

/**
 * Throws what kafkajs throws when a client may not write in transactions of this id. What is asked for is the end of a
 * transaction that nobody began, by numbers no producer has: rights come first, and whatever else a broker has to say of it,
 * nothing has changed.
 */
export async function checkTransactionRight(kafka: object, transactionalId: string): Promise<void> {
  const noTransaction = { producerId: -1, producerEpoch: -1, transactionResult: false };
  await withBroker(kafka, async (broker) => {
    try {
      await broker.endTxn({ transactionalId, ...noTransaction });
    } catch (error) {
      const { type = '' } = error as { readonly type?: string };
      if (type === '' || type.endsWith('AUTHORIZATION_FAILED')) throw error;
    }
  });
}

/** Asks a broker directly; null: this kafkajs does not let us. */
async function withBroker<T>(kafka: object, ask: (broker: RawBroker) => Promise<T>): Promise<T | null> {
  return withCluster(kafka, {}, async (cluster) => ask(await cluster.findControllerBroker()));
}

function toRequest(topics: readonly string[]): RawRequest<TopicRights> {
  const buffer = encodeRightsRequest(topics);
  return {
    request: { ...METADATA, encode: () => Promise.resolve({ buf: buffer, buffer }) },
    response: {
      decode: (answer) => Promise.resolve({ clientSideThrottleTime: 0, rights: decodeRights(answer) }),
      parse: ({ rights }) => Promise.resolve(rights),
    },
  };
}

/** Metadata Request, version 8: topics, and then whether to create them, and to tell of rights on the cluster and on them. */
export function encodeRightsRequest(topics: readonly string[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeInt32BE(topics.length);
  const names = topics.map((topic) => {
    const text = Buffer.from(topic);
    const size = Buffer.alloc(2);
    size.writeInt16BE(text.length);
    return Buffer.concat([size, text]);
  });
  return Buffer.concat([count, ...names, Buffer.from([0, 0, 1])]);
}

/** Metadata Response, version 8; topics of which nothing is said are left out. */
export function decodeRights(answer: Buffer): TopicRights {
  let at = 0;
  const skip = (bytes: number): void => void (at += bytes);
  const int16 = (): number => answer.readInt16BE((at += 2) - 2);
  const int32 = (): number => answer.readInt32BE((at += 4) - 4);
  const text = (): string => {
    const size = Math.max(0, int16()); // -1: null
    return answer.toString('utf8', at, (at += size));
  };
  const each = <T>(read: () => T): T[] => Array.from({ length: Math.max(0, int32()) }, read);
  const skipIds = (): void => void each(int32);
  skip(4); // how long to wait
  each(() => [skip(4), text(), skip(4), text()]); // brokers
  text(); // the cluster's name
  skip(4); // its controller
  const topics = each(() => {
    skip(2); // a failure
    const name = text();
    skip(1); // whether it is Kafka's own
    each(() => [skip(14), skipIds(), skipIds(), skipIds()]); // partitions
    return [name, int32()] as const;
  });
  return new Map(topics.filter(([, bits]) => bits !== UNSAID).map(([name, bits]) => [name, toRights(bits)]));
}

function toRights(bits: number): ReadonlySet<TopicRight> {
  const all = Object.entries(BITS) as [TopicRight, number][];
  return new Set(all.filter(([, bit]) => (bits & (1 << bit)) !== 0).map(([right]) => right));
}
