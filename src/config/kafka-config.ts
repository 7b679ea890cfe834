import { z } from 'zod';

/** How a Kafka sink reaches its brokers, and what it makes there. */
export const kafkaSchema = z.strictObject({
  brokers: z
    .array(z.string().regex(/^\S+:\d{1,5}$/, 'write HOST:PORT'))
    .min(1)
    .describe('Brokers to begin with, as HOST:PORT.'),
  topicPrefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'use letters, digits, dots, dashes and underscores')
    .default('labelcast')
    .describe('The topics are PREFIX.labels, PREFIX.state and PREFIX.streams.'),
  clientId: z.string().min(1).default('labelcast').describe('How the brokers know this client.'),
  ssl: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          ca: z.string().min(1).optional().describe('PEM text of the authorities to trust.'),
          cert: z.string().min(1).optional().describe('PEM text of the client certificate.'),
          key: z.string().min(1).optional().describe('PEM text of its key.'),
          passphrase: z.string().min(1).optional().describe('What opens its key, if that is encrypted.'),
        }),
      ],
      'write true, false, or keys with values: ca, cert, key, passphrase',
    )
    .default(false)
    .describe('TLS; true: with the authorities that Node.js trusts; else { ca, cert, key, passphrase }.'),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How it logs in.'),
      username: z.string().min(1).describe('Its name.'),
      password: z.string().min(1).describe('Its password.'),
    })
    .nullable()
    .default(null)
    .describe('Who this client is; null: nobody.'),
  compression: z.enum(['gzip', 'lz4', 'none']).default('gzip').describe('Of batches of events.'),
  exactlyOnce: z
    .boolean()
    .default(false)
    .describe('Readers with isolation.level=read_committed get no event twice, whatever happens.'),
  partitions: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Partitions of topics that are created, 6 unless stated; never changed after.')
    .meta({ examples: [6] }),
  replicationFactor: z
    .int()
    .min(-1)
    .max(9)
    .default(-1)
    .describe("Copies of topics that are created; -1: the broker's default."),
});

export type KafkaConfig = Readonly<z.output<typeof kafkaSchema>>;

/** The settings of a Kafka sink of which only the brokers are given. */
export function toKafkaConfig(brokers: readonly string[]): KafkaConfig {
  return kafkaSchema.parse({ brokers });
}
