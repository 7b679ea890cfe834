import './disposal.js';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PublishError } from '../../../src/errors.js';
import { type JournalHandle, openJournal } from '../../../src/publish/journal.js';
import { openNdjsonSink } from '../../../src/publish/ndjson-sink.js';
import { openRelay } from '../../../src/publish/relay.js';
import { writeSegmentsCsv } from '../../../src/publish/segments-csv.js';
import type { JournalRow, Sink } from '../../../src/types.js';
import { Committer } from './committer.js';
import { openSmallDisk } from './small-disk.js';

const never = new AbortController().signal;
let folder: string;
let path: string;
let journal: JournalHandle;
let committer: Committer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-relay-'));
  path = join(folder, 'events.ndjson');
  journal = await openJournal({ path: join(folder, 'journal.db') });
  committer = await Committer.open(journal, 'cat');
});

afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function committed(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => committer.commit()));
}

/** The whole journal as the file must hold it. */
async function expected(): Promise<string> {
  return (await journal.read(0, 100_000)).map(({ json }) => `${json}\n`).join('');
}

/** A sink that fails as it is told and remembers what it took. */
class FakeSink implements Sink {
  readonly name = 'fake';
  readonly opened: (string | null)[] = [];
  readonly delivered: number[] = [];
  readonly failures: Error[] = [];
  attempts = 0;
  /** Resolves when a delivery has begun; that one goes on when `gate` does. */
  gate: Promise<void> = Promise.resolve();
  onAttempt: () => void = () => {};
  foresee: (rows: readonly JournalRow[]) => void = () => {};

  async open(cursor: string | null): Promise<void> {
    this.opened.push(cursor);
  }

  deliver: Sink['deliver'] = async (rows) => {
    this.attempts++;
    this.onAttempt();
    await this.gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.delivered.push(...rows.map(({ position }) => position));
    return `at ${rows.at(-1)!.position}`;
  };
}

function toSink(file: string): Sink {
  return openNdjsonSink({ path: file, anew: 'start anew with --fresh' });
}

test('everything committed, before and after the relay opens, is delivered once, in order', async () => {
  await committed(300);
  const relay = await openRelay({ journal, sink: toSink(path) });
  await committed(5);
  await relay.flush(never);
  expect(readFileSync(path, 'utf8')).toBe(await expected());
  expect(await journal.cursor('ndjson')).toEqual({ position: 610, cursor: String(statSync(path).size) });
  await relay[Symbol.asyncDispose]();
});

test('a relay opened again goes on where the cursor stands: a half line is cut, nothing is repeated', async () => {
  const first = await openRelay({ journal, sink: toSink(path) });
  await committed(3);
  await first.flush(never);
  await first[Symbol.asyncDispose]();
  writeFileSync(path, '{"half a li', { flag: 'a' });
  await committed(3);
  const second = await openRelay({ journal, sink: toSink(path) });
  await second.flush(never);
  expect(readFileSync(path, 'utf8')).toBe(await expected());
  await second[Symbol.asyncDispose]();
});

test('a file shorter than what was delivered, or gone, is refused with what to do', async () => {
  const relay = await openRelay({ journal, sink: toSink(path) });
  await committed(3);
  await relay.flush(never);
  await relay[Symbol.asyncDispose]();
  const { size } = statSync(path);
  truncateSync(path, 100);
  await expect(openRelay({ journal, sink: toSink(path) })).rejects.toMatchObject({
    name: 'PublishError',
    message: `${path} has 100 bytes, but the journal delivered ${size} to it`,
    remedy: expect.stringMatching(/--fresh/),
  });
  rmSync(path);
  await expect(openRelay({ journal, sink: toSink(path) })).rejects.toMatchObject({
    message: `${path} is gone`,
    remedy: 'put the file back, or start anew with --fresh',
  });
});

test('a folder that is not there is told as that, before the first event and after', async () => {
  const missingFolder = join(folder, 'newdir');
  const file = join(missingFolder, 'events.ndjson');
  const missing = {
    message: `the folder ${missingFolder} is not there, so ${file} cannot be written`,
    remedy: 'create it, or mount its disk',
  };
  await expect(openRelay({ journal, sink: toSink(file) })).rejects.toMatchObject(missing);
  await journal.moveCursor('ndjson', { position: 0, cursor: '' });
  await expect(openRelay({ journal, sink: toSink(file) })).rejects.toMatchObject(missing);
  mkdirSync(missingFolder);
  const relay = await openRelay({ journal, sink: toSink(file) });
  await committed(1);
  await relay.flush(never);
  expect(readFileSync(file, 'utf8')).toBe(await expected());
  await relay[Symbol.asyncDispose]();
});

test('a file that another journal wrote is set aside, not overwritten', async () => {
  writeFileSync(path, 'what took hours\n');
  await committed(1);
  const relay = await openRelay({ journal, sink: toSink(path) });
  await relay.flush(never);
  await relay[Symbol.asyncDispose]();
  expect(readFileSync(`${path}.old`, 'utf8')).toBe('what took hours\n');
  expect(readFileSync(path, 'utf8')).toBe(await expected());
});

test('a full disk is waited for: once there is space, delivery goes on with whole lines', async () => {
  const disk = openSmallDisk('64k');
  try {
    const file = join(disk.path, 'events.ndjson');
    const full = new AbortController();
    const relay = await openRelay({ journal, sink: toSink(file), onTrouble: () => full.abort() });
    await committed(100);
    const failure: unknown = await relay.flush(full.signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'PublishError',
      message: expect.stringMatching(/not delivered to ndjson in time; .*its disk is full$/),
      remedy: expect.stringMatching(/free space/),
    });
    disk.remount('size=8m');
    await relay.flush(never);
    expect(readFileSync(file, 'utf8')).toBe(await expected());
    await relay[Symbol.asyncDispose]();
  } finally {
    disk.unmount();
  }
});

test('a retryable failure is tried again with the same rows, and the cursor waits for the acknowledgement', async () => {
  const sink = new FakeSink();
  const cursors: Promise<unknown>[] = [];
  sink.onAttempt = () => cursors.push(journal.cursor('fake'));
  sink.failures.push(new PublishError('busy', { retryable: true }));
  await committed(2);
  const relay = await openRelay({ journal, sink });
  await relay.flush(never);
  expect(sink.attempts).toBe(2);
  expect(sink.delivered).toEqual([1, 2, 3, 4]);
  expect(await Promise.all(cursors)).toEqual([null, null]);
  expect(await journal.cursor('fake')).toEqual({ position: 4, cursor: 'at 4' });
  await relay[Symbol.asyncDispose]();
});

test('events of one moment go together', async () => {
  const sink = new FakeSink();
  const relay = await openRelay({ journal, sink });
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
  try {
    await committed(1);
    await committed(1);
    while (jest.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(sink.attempts).toBe(0);
    jest.runAllTimers();
  } finally {
    jest.useRealTimers();
  }
  await relay.flush(never);
  expect(sink.delivered).toEqual([1, 2, 3, 4]);
  expect(sink.attempts).toBe(1);
  await relay[Symbol.asyncDispose]();
});

test('a sink is told of whole batches to come, once each, and gets those very rows', async () => {
  await committed(400);
  const sink = new FakeSink();
  const foreseen: (readonly JournalRow[])[] = [];
  const got: (readonly JournalRow[])[] = [];
  sink.foresee = (rows) => foreseen.push(rows);
  sink.deliver = async (rows) => {
    got.push(rows);
    return '';
  };
  const relay = await openRelay({ journal, sink });
  await relay.flush(never);
  expect(got.map(({ length }) => length)).toEqual([256, 256, 256, 32]);
  expect(foreseen.map((rows) => got.indexOf(rows))).toEqual([1, 2]);
  await relay[Symbol.asyncDispose]();
});

test('trouble is told once for as long as it is the same', async () => {
  const sink = new FakeSink();
  const told: string[] = [];
  for (const text of ['busy', 'busy', 'away'])
    sink.failures.push(new PublishError(text, { retryable: true }));
  await committed(1);
  const relay = await openRelay({ journal, sink, onTrouble: ({ message }) => told.push(message) });
  await relay.flush(never);
  expect(told).toEqual(['busy', 'away']);
  await relay[Symbol.asyncDispose]();
});

test('a new sink may begin now: what was there before is not for it, also after a restart', async () => {
  await committed(1);
  const sink = new FakeSink();
  const first = await openRelay({ journal, sink, from: 'now' });
  await first[Symbol.asyncDispose]();
  await committed(1);
  const second = await openRelay({ journal, sink, from: 'now' });
  await second.flush(never);
  expect(sink.delivered).toEqual([3, 4]);
  await second[Symbol.asyncDispose]();
});

test('a failure that is not retryable stops the relay, and flush says which', async () => {
  const sink = new FakeSink();
  sink.failures.push(new PublishError('record 3 refused', { remedy: 'mend it' }));
  await committed(1);
  const stopped: string[] = [];
  const relay = await openRelay({ journal, sink, onStopped: ({ message }) => stopped.push(message) });
  await expect(relay.flush(never)).rejects.toMatchObject({ message: 'record 3 refused', remedy: 'mend it' });
  expect(stopped).toEqual(['record 3 refused']);
  await committed(1);
  await expect(relay.flush(never)).rejects.toThrow('record 3 refused');
  expect(sink.attempts).toBe(1);
  expect(await journal.cursor('fake')).toBeNull();
  await relay[Symbol.asyncDispose]();
});

test('a flush that is late says so and leaves the rest to the next run', async () => {
  const sink = new FakeSink();
  let open = (): void => {};
  sink.gate = new Promise((resolve) => (open = resolve));
  await committed(1);
  const relay = await openRelay({ journal, sink });
  const gaveUp = new AbortController();
  sink.onAttempt = () => gaveUp.abort();
  const flushed = relay.flush(gaveUp.signal);
  gaveUp.abort();
  await expect(flushed).rejects.toThrow(
    /the journal up to 2 was not delivered to fake in time; it stands at 0/,
  );
  await expect(relay.flush(gaveUp.signal)).rejects.toThrow(/in time/);
  open();
  await relay[Symbol.asyncDispose]();
});

test('closing ends the delivery under way and keeps its cursor; the next relay opens there', async () => {
  const sink = new FakeSink();
  let open = (): void => {};
  sink.gate = new Promise((resolve) => (open = resolve));
  await committed(1);
  const begun = new Promise<void>((resolve) => (sink.onAttempt = resolve));
  const relay = await openRelay({ journal, sink });
  await begun;
  const closed = relay[Symbol.asyncDispose]();
  open();
  await closed;
  expect(await journal.cursor('fake')).toEqual({ position: 2, cursor: 'at 2' });
  const again = await openRelay({ journal, sink });
  await again.flush(never);
  await again[Symbol.asyncDispose]();
  expect(sink.opened).toEqual([null, 'at 2']);
  expect(sink.delivered).toEqual([1, 2]);
});

test('closing does not wait for a retry', async () => {
  const sink = new FakeSink();
  for (let n = 0; n < 100; n++) sink.failures.push(new PublishError('busy', { retryable: true }));
  await committed(1);
  const begun = new Promise<void>((resolve) => (sink.onAttempt = resolve));
  const relay = await openRelay({ journal, sink });
  await begun;
  const flushed = expect(relay.flush(never)).rejects.toThrow(/not delivered to fake in time/);
  await relay[Symbol.asyncDispose]();
  await flushed;
  expect(sink.delivered).toEqual([]);
});

test('relays do not disturb each other', async () => {
  const [bad, good] = [new FakeSink(), toSink(path)];
  bad.failures.push(new PublishError('no'));
  await committed(2);
  const relays = [await openRelay({ journal, sink: bad }), await openRelay({ journal, sink: good })] as const;
  await expect(relays[0].flush(never)).rejects.toThrow('no');
  await relays[1].flush(never);
  expect(readFileSync(path, 'utf8')).toBe(await expected());
  for (const relay of relays) await relay[Symbol.asyncDispose]();
});

test('the CSV of all segments replaces the old one whole, or says why it cannot', async () => {
  await committed(2);
  const csv = join(folder, 'segments.csv');
  writeFileSync(csv, 'old');
  const located = (await journal.segments()).map((one) => ({ ...one, path: '/videos/cat.mp4' }));
  await writeSegmentsCsv(csv, located);
  expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(4);
  await expect(writeSegmentsCsv(join(folder, 'no', 'segments.csv'), [])).rejects.toMatchObject({
    name: 'PublishError',
    message: expect.stringMatching(/segments\.csv cannot be written \(ENOENT\)$/),
  });
  expect(readdirSync(folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
});
