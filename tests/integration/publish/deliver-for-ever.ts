import { toKafkaConfig } from '../../../src/config/config.js';
import { openJournal } from '../../../src/publish/journal.js';
import { createKafkaSink } from '../../../src/publish/kafka-sink.js';
import { openRelay } from '../../../src/publish/relay.js';
import { Committer } from './committer.js';

/** Commits to the journal at `path` and delivers to Kafka until killed; prints a line after each delivery. */
export async function deliverForEver(path: string, brokers: readonly string[]): Promise<never> {
  const journal = await openJournal({ path });
  const streams = await Promise.all(['cat', 'dog', 'owl'].map((name) => Committer.open(journal, name)));
  const sink = createKafkaSink({ name: 'kafka', config: toKafkaConfig(brokers), live: null });
  const relay = await openRelay({ journal, sink });
  const nextCommit = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = journal.onCommit(() => {
        stop();
        resolve();
      });
    });
  const commit = async (): Promise<never> => {
    for (;;) await Promise.all(streams.map((stream) => stream.commit()));
  };
  const deliver = async (): Promise<never> => {
    for (;;) {
      await relay.flush(new AbortController().signal);
      process.stdout.write(`${journal.lastPosition}\n`);
      await nextCommit(); // a flush with nothing to do never lets go of the event loop
    }
  };
  return Promise.race([commit(), deliver()]);
}
