import '../integration/publish/disposal.js';
import { afterAll, expect, test } from '@jest/globals';
import { openJournal } from '../../src/publish/journal.js';
import { openSnapshot } from '../../src/publish/journal-snapshot.js';
import { LiveCommitter, SetClock } from '../integration/publish/live-committer.js';
import { until } from '../until.js';
import { createFolder } from './clips.js';
import { Serving } from './serving.js';

const DAY_MS = 24 * 3_600_000;
const E1 = '01998000-0000-7000-8000-000000000001';
const folder = createFolder();
afterAll(() => folder.remove());

/** Five minutes of a camera 30 days ago, and three up to `agoMs` before now. */
async function layJournal(name: string, agoMs: number): Promise<string> {
  const path = folder.file(name);
  const clock = new SetClock(Date.now() - 30 * DAY_MS);
  await using journal = await openJournal({ path, now: clock.now });
  const gate = await LiveCommitter.open(journal, { streamId: 'gate', epoch: E1, clock });
  await gate.minutes(5);
  gate.skip((30 * DAY_MS - agoMs) / 60_000 - 10);
  await gate.minutes(3);
  return path;
}

/** Its camera does not answer, so that nothing else is written but how it stands. */
function toConfig(path: string, sinks: readonly object[] = []): object {
  const streams = [{ id: 'yard', url: 'rtsp://127.0.0.1:1/yard' }];
  return { journal: { path, maxBytes: 1 << 30 }, http: { port: 0 }, streams, sinks };
}

async function numbersOf(path: string): Promise<number[]> {
  await using snapshot = await openSnapshot(path);
  const rows = await snapshot.journal.read(0, 1000, E1);
  return rows.flatMap(({ event }) => (event.sequence === undefined ? [] : [Number(event.sequence)]));
}

test('serve removes what is old at its start, and counts it', async () => {
  const path = await layJournal('old.db', 0);
  await using serving = await Serving.start(toConfig(path), folder.file('old.yaml'));
  const removed = (kind: string) => serving.metric('journal_removed_total', `kind="${kind}",reason="age"`);
  await until('segments and curves are gone', async () => (await removed('scores')) === 5);
  expect([await removed('events'), await removed('segments')]).toEqual([10, 5]);
  expect(await serving.metric('journal_max_bytes')).toBe(1 << 30);
  expect(await serving.metric('journal_free_bytes')).toBeGreaterThan(0);
  expect(await serving.stop()).toBe(143);
  expect(await numbersOf(path)).toEqual([11, 12, 13, 14, 15, 16]);
});

test('events that a sink of the configuration has not got stay, though it cannot be reached', async () => {
  const path = await layJournal('held.db', 0);
  const sinks = [{ name: 'away', from: 'beginning', kafka: { brokers: ['127.0.0.1:1'] } }];
  await using serving = await Serving.start(toConfig(path, sinks), folder.file('held.yaml'));
  await until('curves are gone', async () => (await serving.metric('journal_removed_total', 'scores')) === 5);
  expect(await serving.metric('journal_removed_total', 'kind="events"')).toBe(0);
  await serving.stop();
  expect((await numbersOf(path))[0]).toBe(1);
});

test('after 20 days off nothing is removed at once, and the log says why', async () => {
  const path = await layJournal('off.db', 20 * DAY_MS);
  await using serving = await Serving.start(toConfig(path), folder.file('off.yaml'));
  const jump =
    /^the clock is 4\d\d hours later than the journal knows it: set or off meanwhile\? Nothing is removed by it for a day$/;
  await until('the jump is told', () => serving.log.some(({ msg }) => jump.test(msg)));
  await until(
    'curves of before are gone',
    async () => (await serving.metric('journal_removed_total', 'scores')) === 5,
  );
  expect(await serving.metric('journal_removed_total', 'kind="events"')).toBe(0);
  await serving.stop();
  expect((await numbersOf(path))[0]).toBe(1);
});
