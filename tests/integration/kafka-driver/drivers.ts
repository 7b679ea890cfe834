import { pathToFileURL } from 'node:url';
import type { KafkaConfig } from '../../../src/config/config.js';
import { createKafkaClient, type KafkaClient } from '../../../src/kafka-client.js';

/** A Kafka client that keeps the promises of src/kafka-driver.ts, or is tried for whether it does. */
export interface KafkaDriver {
  readonly name: string;
  readonly createClient: (config: KafkaConfig) => KafkaClient;
}

/** What these tests are run for: ours, or the one that the file named by LABELCAST_KAFKA_DRIVER exports. */
export const drivers: readonly KafkaDriver[] = [await readDriver(process.env['LABELCAST_KAFKA_DRIVER'])];

async function readDriver(path: string | undefined): Promise<KafkaDriver> {
  if (path === undefined) return { name: 'kafkajs', createClient: createKafkaClient };
  const { name, createClient } = (await import(pathToFileURL(path).href)) as KafkaDriver;
  return { name, createClient };
}
