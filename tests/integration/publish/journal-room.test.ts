import './disposal.js';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openJournal } from '../../../src/publish/journal.js';
import { until } from '../../until.js';
import { fileIdentity } from '../../unit/publish/samples.js';
import { Committer } from './committer.js';
import { openSmallDisk, type SmallDisk } from './small-disk.js';

let disk: SmallDisk;
let path: string;
let stop: AbortController;
let told: string[];

beforeEach(() => {
  disk = openSmallDisk('8m');
  path = join(disk.path, 'journal.db');
  stop = new AbortController();
  told = [];
});
afterEach(() => disk.unmount());

function openPatient() {
  const patience = {
    signal: stop.signal,
    missing: (error: Error) => void told.push(error.message),
    found: () => void told.push('found'),
  };
  return openJournal({ path, patience });
}

/** What one committer has had acknowledged, until a commit fails. */
class Endless {
  acknowledged = 0;
  readonly failed: Promise<unknown>;

  constructor(committer: Committer) {
    this.failed = this.#run(committer).catch((error: unknown) => error);
  }

  async #run(committer: Committer): Promise<never> {
    for (;;) {
      await committer.commit();
      this.acknowledged += 2;
    }
  }
}

test('on a full disk commits and cursors wait, told once, and go on in order when there is room', async () => {
  await using journal = await openPatient();
  const cat = new Endless(await Committer.open(journal, 'cat'));
  const dog = new Endless(await Committer.open(journal, 'dog'));
  await until('both commit', () => cat.acknowledged > 10 && dog.acknowledged > 10);
  disk.fill();
  await until('the disk is full', () => told.length > 0);
  const moved = journal.moveCursor('main', { position: 7, cursor: 'seven' });
  const before = cat.acknowledged + dog.acknowledged;
  expect(journal.lastPosition).toBe(before); // what was acknowledged, and nothing more
  disk.clear();
  await until('both go on', () => cat.acknowledged + dog.acknowledged > before + 10);
  await moved;
  expect(await journal.cursor('main')).toEqual({ position: 7, cursor: 'seven' });
  expect(told).toEqual([`the journal ${path} cannot grow: its disk is full`, 'found']);
  for (const name of ['cat', 'dog']) {
    const { epoch } = fileIdentity(name);
    const sequences = (await journal.read(0, 100_000, epoch)).map(({ event }) => Number(event.sequence));
    expect(sequences).toEqual(sequences.map((_, n) => n + 1));
  }
  disk.fill();
  stop.abort();
  expect(await cat.failed).toMatchObject({ isOutOfRoom: true });
});

test('whoever is asked to stop on a full disk gets the failure, and nothing is committed behind it', async () => {
  let acknowledged: number;
  {
    await using journal = await openPatient();
    const cat = new Endless(await Committer.open(journal, 'cat'));
    const dog = await Committer.open(journal, 'dog');
    await until('it commits', () => cat.acknowledged > 10);
    disk.fill();
    await until('the disk is full', () => told.length > 0);
    stop.abort();
    expect(await cat.failed).toMatchObject({
      name: 'PublishError',
      message: `the journal ${path} cannot grow: its disk is full`,
      remedy: expect.stringMatching(/free space/),
    });
    acknowledged = cat.acknowledged;
    disk.clear();
    await expect(dog.commit()).rejects.toThrow(/its disk is full/);
    expect(told).toHaveLength(1);
  }
  await using journal = await openJournal({ path });
  expect(journal.lastPosition).toBe(acknowledged);
  await (await Committer.open(journal, 'cat')).commit();
  expect(journal.lastPosition).toBe(acknowledged + 2);
});
