import './disposal.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { toKafkaConfig } from '../../../src/config/config.js';
import { PublishError } from '../../../src/errors.js';
import { openJournal } from '../../../src/publish/journal.js';
import { SinkRelays } from '../../../src/publish/sink-relays.js';
import type { SinkState } from '../../../src/types.js';
import { until } from '../../until.js';
import { Committer } from './committer.js';

let folder: string;
/** Of a sink whose troubles nobody is told of. */
const UNHEARD = {
  liveIds: [],
  isPatient: true,
  anew: 'start anew',
  onTrouble: () => {},
  onRecovered: () => {},
  onStopped: () => {},
  onWarning: () => {},
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-sinks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what a sink did not get in time is told as how many events wait, why, and that they are not lost', async () => {
  await using journal = await openJournal({ path: join(folder, 'journal.db') });
  await using relays = new SinkRelays({
    ...UNHEARD,
    journal,
  });
  await relays.add({ name: 'main', from: 'beginning', kafka: toKafkaConfig(['127.0.0.1:1']) });
  await relays.add({ name: 'file', from: 'beginning', ndjson: { path: join(folder, 'e.ndjson') } });
  const committer = await Committer.open(journal, 'cat');
  for (let n = 0; n < 3; n++) await committer.commit();
  await until('one sink is in trouble, and the other has all', async () => {
    const held = await journal.cursor('file');
    return relays.problems.length > 0 && held?.position === journal.lastPosition;
  });
  const reasons = await relays.flush(AbortSignal.timeout(100));
  expect(reasons).toEqual([
    expect.objectContaining({
      message: `${journal.lastPosition} events wait for main: Kafka at 127.0.0.1:1 cannot be reached: nothing listens there (ECONNREFUSED); delivered at the next start`,
      remedy: 'check the port, and that the broker runs',
    }),
  ]);
  expect(relays.problems).toEqual([
    'sink main: Kafka at 127.0.0.1:1 cannot be reached: nothing listens there (ECONNREFUSED)',
  ]);
});

test('a sink that has refused an event is told as stopped, one that is tried again as retrying', async () => {
  await using journal = await openJournal({ path: join(folder, 'journal.db') });
  const states = new Map<string, () => SinkState>();
  const failures = new Map([
    ['away', new PublishError('busy', { retryable: true })],
    ['picky', new PublishError('event 1 refused')],
  ]);
  await using relays = new SinkRelays({
    ...UNHEARD,
    journal,
    observe: (sink, { state }) => {
      states.set(sink.name, state);
      const failure = failures.get(sink.name);
      if (failure === undefined) return sink;
      return {
        name: sink.name,
        open: (cursor) => sink.open(cursor),
        deliver: () => Promise.reject(failure),
      };
    },
  });
  for (const name of ['away', 'picky', 'fine'])
    await relays.add({ name, from: 'beginning', ndjson: { path: join(folder, name) } });
  const told = (): string[] => [...states].map(([name, state]) => `${name} ${state()}`);
  expect(told()).toEqual(['away delivering', 'picky delivering', 'fine delivering']);
  const committer = await Committer.open(journal, 'cat');
  await committer.commit();
  const stands = ['away retrying', 'picky stopped', 'fine delivering'];
  await until('each sink has tried', () => told().join() === stands.join() && relays.problems.length === 2);
  expect(relays.problems.sort()).toEqual(['sink away: busy', 'sink picky has stopped: event 1 refused']);
});
