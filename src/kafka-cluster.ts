/** A request as kafkajs sends one. */
export interface RawRequest<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: {
    decode(answer: Buffer): Promise<{ readonly clientSideThrottleTime: number; readonly rights: T }>;
    parse(decoded: { readonly rights: T }): Promise<T>;
  };
}

/** As much of what kafkajs 2.2.4 keeps to itself as is needed to ask what its public calls cannot. */
export interface RawCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): { readonly partitionId: number }[];
  fetchTopicsOffset(
    topics: {
      readonly topic: string;
      readonly fromBeginning: boolean;
      readonly partitions: { readonly partition: number }[];
    }[],
  ): Promise<{ readonly partitions: { readonly partition: number; readonly offset: string }[] }[]>;
  findControllerBroker(): Promise<RawBroker>;
}

export interface RawBroker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number } | undefined>>;
  readonly connectionPool: { send<T>(request: RawRequest<T>): Promise<T> };
  describeGroups(options: { readonly groupIds: readonly string[] }): Promise<unknown>;
  endTxn(transaction: {
    readonly transactionalId: string;
    readonly producerId: number;
    readonly producerEpoch: number;
    readonly transactionResult: boolean;
  }): Promise<unknown>;
}

/** Of the protocol; kafkajs asks with `read_committed` when it is not told. */
const READ_UNCOMMITTED = 0;

/** `kafka`: a client of kafkajs. Null: this one does not let us. */
export async function withCluster<T>(
  kafka: object,
  options: object,
  use: (cluster: RawCluster) => Promise<T>,
): Promise<T | null> {
  const key = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (key === undefined) return null;
  const create = Reflect.get(kafka, key) as (options: object) => RawCluster;
  const cluster = create({ allowAutoTopicCreation: false, ...options });
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    return await use(cluster);
  } finally {
    await cluster.disconnect();
  }
}

/** Where the partitions of a topic end, open transactions included, which the admin client of kafkajs leaves out. */
export async function readHighWatermarks(kafka: object, topic: string): Promise<ReadonlyMap<number, number>> {
  const ends = await withCluster(kafka, { isolationLevel: READ_UNCOMMITTED }, async (cluster) => {
    await cluster.addTargetTopic(topic);
    const partitions = cluster
      .findTopicPartitionMetadata(topic)
      .map(({ partitionId }) => ({ partition: partitionId }));
    const [found] = await cluster.fetchTopicsOffset([{ topic, fromBeginning: false, partitions }]);
    return found?.partitions ?? [];
  });
  if (ends === null) throw new Error('this kafkajs does not tell where a topic ends');
  return new Map(ends.map(({ partition, offset }) => [partition, Number(offset)]));
}
