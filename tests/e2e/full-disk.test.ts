import '../integration/publish/disposal.js';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openJournal } from '../../src/publish/journal.js';
import { openSnapshot } from '../../src/publish/journal-snapshot.js';
import type { LabelcastEvent, LabelEvent } from '../../src/types.js';
import { openSmallDisk, type SmallDisk } from '../integration/publish/small-disk.js';
import { makeCameraClip, openRtspServer, type RtspServer } from '../services/rtsp.js';
import { answerOf } from '../answer.js';
import { until } from '../until.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { firstDifference, labelcast, type Run, toEvents, toLabelLines } from './labelcast.js';
import { Serving } from './serving.js';

/** A camera that nobody serves. */
const NOBODY = 'rtsp://127.0.0.1:1/cam';
const folder = createFolder();
let disk: SmallDisk;
let journal: string;
let camera: RtspServer;
let undisturbed: string[];
let stopNow: () => void = () => {};

beforeAll(async () => {
  camera = await openRtspServer({ mounts: { '/cam': await makeCameraClip() } });
  undisturbed = toLabelLines(toEvents((await labelcast(['tag', DEMO_CLIP, '--json'])).stdout));
});
beforeEach(() => {
  disk = openSmallDisk('160k'); // enough to open a journal, not for the clip
  journal = join(disk.path, 'labelcast.db');
});
afterEach(() => {
  stopNow();
  disk.unmount();
});
afterAll(async () => {
  await camera?.[Symbol.asyncDispose]();
  folder.remove();
});

/** Tags the demo until standard error says that the disk is full; then does something. */
async function tagUntilFull(then: (child: ChildProcess) => void): Promise<Run> {
  return labelcast(['tag', DEMO_CLIP, '--json', '--journal', journal], {
    onStart: (child) => {
      stopNow = () => child.kill('SIGKILL');
      let said = '';
      child.stderr!.on('data', (text: string) => {
        const wasFull = said.includes('its disk is full');
        said += text;
        if (!wasFull && said.includes('its disk is full')) then(child);
      });
    },
  });
}

test('tag waits on a full disk, says so once, and goes on by itself: the events are those of a run with room', async () => {
  const { status, stderr, stdout } = await tagUntilFull(() => disk.remount('size=8m'));
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toEqual([
    expect.stringContaining(
      `ERROR the journal ${journal} cannot grow: its disk is full; tagging waits until there is room: free space there, and it goes on by itself`,
    ),
    expect.stringMatching(/WARN the disk of the journal has room again after \d+ s: going on$/),
  ]);
  expect(status).toBe(0);
  expect(firstDifference(toLabelLines(toEvents(stdout)), undisturbed)).toBeNull();
});

test('tag stopped while it waits for room ends at once, and the same command goes on', async () => {
  const { status, stderr } = await tagUntilFull((child) => child.kill('SIGTERM'));
  expect(status).toBe(143);
  expect(stderr).toContain(
    `error: the journal ${journal} cannot grow: its disk is full; free space there and run the same command again`,
  );
  expect(stderr).toMatch(/^to go on: .*--journal/m);
  disk.remount('size=8m');
  const second = await labelcast(['tag', DEMO_CLIP, '--json', '--journal', journal]);
  expect(second.status).toBe(0);
  expect(firstDifference(toLabelLines(toEvents(second.stdout)), undisturbed)).toBeNull();
});

/** The label events of a journal, and in which states its stream was, in order. */
async function readBack(): Promise<{ labels: LabelEvent[]; states: string[] }> {
  await using snapshot = await openSnapshot(journal);
  const events = (await snapshot.journal.read(0, 100_000)).map(({ event }): LabelcastEvent => event);
  return {
    labels: events.filter((event): event is LabelEvent => event.type.startsWith('io.labelcast.label.')),
    states: events.flatMap(({ data }) => ('state' in data ? [data.state] : [])),
  };
}

test('serve on a full disk is not ready, alarms once, and shows the time that it did not see as a gap', async () => {
  disk.remount('size=8m');
  const config = {
    journal: { path: journal },
    http: { port: 0 },
    streams: [{ id: 'gate', url: camera.url('/cam') }],
  };
  await using serving = await Serving.start(config, folder.file('serve.yaml'));
  const blocked = () => serving.metric('journal_blocked');
  await until('a label holds', async () => (await serving.metric('open_segments')) > 0);
  expect(await blocked()).toBe(0);
  disk.fill();
  await until('the journal is blocked', async () => (await blocked()) === 1);
  const ready = await answerOf(`${serving.address}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'not ready', problems: [`the journal ${journal} cannot grow: its disk is full`] },
  ]);
  const dropped = await serving.metric('frames_dropped_total');
  await until(
    'more is dropped than the gap tolerance holds',
    async () => (await serving.metric('frames_dropped_total')) > dropped + 40,
  );
  expect((await answerOf(`${serving.address}/healthz`)).status).toBe(200);
  disk.clear();
  await until('it commits again', async () => (await blocked()) === 0);
  expect((await answerOf(`${serving.address}/readyz`)).status).toBe(200);
  // segments stay open in the metrics until a frame shows the gap
  await until('a label holds again', async () => toBegunAfterGap((await readBack()).labels).length > 0);
  expect(await serving.stop()).toBe(143);
  const alarms = serving.log
    .filter(({ msg }) => /disk (is full|of)/.test(msg))
    .map(({ level, msg }) => [level, msg]);
  expect(alarms).toEqual([
    [
      'error',
      `the journal ${journal} cannot grow: its disk is full; pictures are dropped and labels go unseen until there is room: free space there, and it goes on by itself`,
    ],
    ['warn', expect.stringMatching(/^the disk of the journal has room again after \d+ s: going on$/)],
  ]);
  const { labels, states } = await readBack();
  expect(labels.map(({ sequence }) => Number(sequence))).toEqual(labels.map((_, n) => n + 1));
  expect(states.slice(0, 4)).toEqual(['connecting', 'online', 'gap', 'online']);
  // 40 frames at 5 a second were dropped in between
  expect(toBegunAfterGap(labels)[0]! - toGapStart(labels)!).toBeGreaterThan(5000);
});

/** When the last segment ended that a gap ended; null: there is none. */
function toGapStart(labels: readonly LabelEvent[]): number | null {
  const ends = labels.filter(({ data }) => data.reason === 'gap').map(({ data }) => data.endMs!);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** When segments began after it, in order; none without a gap. */
function toBegunAfterGap(labels: readonly LabelEvent[]): number[] {
  const gapMs = toGapStart(labels);
  if (gapMs === null) return [];
  const begun = labels.filter(({ data }) => data.phase === 'started' && data.startMs > gapMs);
  return begun.map(({ data }) => data.startMs).sort((a, b) => a - b);
}

test('serve stopped while it waits for room ends at once, and says that the last of it is not kept', async () => {
  disk.remount('size=8m');
  const config = {
    journal: { path: journal },
    http: { port: 0 },
    streams: [{ id: 'gate', url: camera.url('/cam') }],
  };
  await using serving = await Serving.start(config, folder.file('stopped.yaml'));
  await until('frames are scored', async () => (await serving.metric('frames_inferred_total')) > 5);
  disk.fill();
  await until('the journal is blocked', async () => (await serving.metric('journal_blocked')) === 1);
  expect(await serving.stop()).toBe(143);
  expect(serving.log.at(-1)).toMatchObject({
    level: 'error',
    msg: `the journal ${journal} cannot grow: its disk is full; free space there and run the same command again; what was committed is kept`,
  });
});

test('serve started on a full disk waits too, and begins when there is room', async () => {
  disk.remount('size=8m');
  await (await openJournal({ path: journal }))[Symbol.asyncDispose]();
  disk.fill();
  const config = { journal: { path: journal }, http: { port: 0 }, streams: [{ id: 'gate', url: NOBODY }] };
  const file = folder.file('began.yaml');
  writeFileSync(file, JSON.stringify(config));
  const { status, stderr } = await labelcast(['serve', '-c', file], {
    onStart: (child) => {
      stopNow = () => child.kill('SIGKILL');
      let said = '';
      child.stderr!.on('data', (text: string) => {
        const before = said;
        said += text;
        const isNew = (what: string) => said.includes(what) && !before.includes(what);
        if (isNew('its disk is full')) disk.clear();
        if (isNew('watching')) child.kill('SIGTERM');
      });
    },
  });
  expect(status).toBe(143);
  expect(stderr).toContain('the disk of the journal has room again');
});
