// Events per second that the journal makes durable (synchronous=FULL), against a bare libsql loop on the same disk.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { EventWriter } from '../src/publish/event-writer.js';
import { openJournal } from '../src/publish/journal.js';
import type { Commit, StreamIdentity, Transition } from '../src/types.js';

const STREAMS = 32;
const COMMITS = 100;
const ROUNDS = 3;
/** On the disk that the repository is on: a temporary folder may be memory. */
const CACHE = '.cache';
const LABELS = ['person', 'dog'];
const EVENTS = STREAMS * COMMITS * LABELS.length;

/** What one stream commits: two events, their segments and a checkpoint each time. */
function toCommits(identity: StreamIdentity): Commit[] {
  const model = { name: 'nano', version: '1.0.0', sha256: 'ab'.repeat(32), labels: LABELS };
  const thresholds = LABELS.map(() => ({ enter: 0.55, exit: 0.38 }));
  const writer = new EventWriter({ deployment: 'default', identity, model, thresholds });
  return Array.from({ length: COMMITS }, (_, n) => {
    const isStart = n % 2 === 0;
    const { events, segments } = writer.write(
      LABELS.map((_label, label) => toTransition(label, isStart, Math.floor(n / 2) * 5000)),
      0,
    );
    const smoother = { smoothed: Array.from({ length: 80 }, (_label, label) => label / 80) };
    const checkpoint = { lastMs: n * 2500, frameHash: n, nextSequence: writer.nextSequence, smoother };
    return { epoch: identity.epoch, events, segments, scores: [], checkpoint };
  });
}

function toTransition(label: number, isStart: boolean, startMs: number): Transition {
  const endMs = isStart ? null : startMs + 2000;
  return {
    phase: isStart ? 'started' : 'ended',
    reason: 'threshold',
    label,
    startMs,
    endMs,
    atMs: endMs ?? startMs,
    confirmedMs: startMs + 400,
    score: { current: 0.8, peak: 0.9, mean: 0.7 },
    frames: { observed: 3, expected: 3 },
  };
}

function toIdentity(n: number): StreamIdentity {
  const epoch = `fbea1f3d-b194-55ba-bec4-${String(n).padStart(12, '0')}`;
  const sourceUri = `file:///videos/${n}.mp4`;
  return { streamId: `clip${n}`, kind: 'file', sourceUri, epoch, clock: 'none', startTimeMs: null, tags: {} };
}

/** Each stream waits for its own commit before the next, as in `labelcast tag`. */
async function journalSeconds(folder: string, streams: readonly Commit[][]): Promise<number> {
  await using journal = await openJournal({ path: join(folder, 'journal.db') });
  for (let n = 0; n < STREAMS; n++) await journal.openEpoch(toIdentity(n));
  return await seconds(async () => {
    await Promise.all(
      streams.map(async (commits) => {
        for (const commit of commits) await journal.commit(commit);
      }),
    );
  });
}

/** The same event rows, nothing else, in transactions as large as a full group of the journal. */
async function bareSeconds(folder: string, streams: readonly Commit[][]): Promise<number> {
  const database = new Database(join(folder, 'bare.db'));
  database.exec('PRAGMA journal_mode=WAL');
  database.exec('PRAGMA synchronous=FULL');
  database.exec('CREATE TABLE events (position INTEGER PRIMARY KEY, id TEXT UNIQUE, json TEXT) STRICT');
  const insert = database.prepare('INSERT INTO events (id, json) VALUES (?, ?)');
  const taken = await seconds(async () => {
    for (let n = 0; n < COMMITS; n++) {
      database.exec('BEGIN IMMEDIATE');
      for (const commits of streams)
        for (const event of commits[n]!.events) insert.run([event.id, JSON.stringify(event)]);
      database.exec('COMMIT');
    }
  });
  database.close();
  return taken;
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const from = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

async function bestOf(run: typeof bareSeconds, streams: readonly Commit[][]): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const folder = mkdtempSync(join(CACHE, 'bench-journal-'));
    try {
      taken.push(await run(folder, streams));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return EVENTS / Math.min(...taken);
}

mkdirSync(CACHE, { recursive: true });
const streams = Array.from({ length: STREAMS }, (_, n) => toCommits(toIdentity(n)));
const own = await bestOf(journalSeconds, streams);
const bare = await bestOf(bareSeconds, streams);
process.stdout.write(
  `journal: ${own.toFixed(0)} events/s durable (${STREAMS} streams, ${EVENTS} events, with segments and checkpoints); ` +
    `bare libsql, events only: ${bare.toFixed(0)}; ratio ${(own / bare).toFixed(2)}\n`,
);
