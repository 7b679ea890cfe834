import type { PartitionRecords } from './kafka-driver.js';
import type { KafkaLeaders } from './kafka-leaders.js';
import type { ProduceSession } from './kafka-producer.js';

/** A broker that waits for its replicas says so before it is taken for one that hangs, even when it is busy. */
const ACKS_TIMEOUT_MS = 3000;

interface Message {
  readonly key: string;
  readonly value: string | null;
  readonly headers: Record<string, string>;
  readonly partition: number;
  readonly timestamp: string;
}

/** What a broker answers of a partition; `baseOffset`: of its first record. */
export interface Acknowledgement {
  readonly topicName: string;
  readonly partition: number;
  readonly baseOffset?: string;
}

/** A producer of kafkajs whose partitioner is that of `leaders`. */
export interface LedProducer {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  sendBatch(batch: {
    readonly acks: number;
    readonly timeout: number;
    readonly compression: number;
    readonly topicMessages: { readonly topic: string; readonly messages: Message[] }[];
  }): Promise<Acknowledgement[]>;
}

/** `compression`: as kafkajs numbers them. `onWorked`: told of each call that was acknowledged, and how. */
export function toProduceSession(
  producer: LedProducer,
  options: {
    readonly leaders: KafkaLeaders;
    readonly compression: number;
    readonly onWorked: (sent: readonly PartitionRecords[], answers: readonly Acknowledgement[]) => void;
  },
): ProduceSession {
  const { leaders, compression, onWorked } = options;
  return {
    connect: () => producer.connect(),
    disconnect: () => producer.disconnect(),
    send: async (requests) => {
      const together = leaders.together(requests);
      const topicMessages = toTopicMessages(together);
      leaders.begin(topicMessages[0]!.messages[0]!); // of one request at least, with one record at least
      const batch = { acks: -1, timeout: ACKS_TIMEOUT_MS, compression, topicMessages };
      const answers = await producer.sendBatch(batch);
      onWorked(together, answers);
      return together.filter(({ topic, partition }) =>
        answers.some((answer) => answer.topicName === topic && answer.partition === partition),
      );
    },
  };
}

function toTopicMessages(requests: readonly PartitionRecords[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, partition, records } of requests) {
    const messages = topics.get(topic) ?? [];
    topics.set(topic, messages);
    for (const { key, value, headers, timestampMs } of records)
      messages.push({ key, value, headers: { ...headers }, partition, timestamp: String(timestampMs) });
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
