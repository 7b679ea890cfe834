import '../publish/disposal.js';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { openJournal, type JournalHandle } from '../../../src/publish/journal.js';
import { toStreamEvent } from '../../../src/publish/stream-events.js';
import { toReportJson } from '../../../src/report/formats/json.js';
import { readReport, type ReportFilter } from '../../../src/report/read-report.js';
import type { ReportData } from '../../../src/report/report-data.js';
import type { StreamIdentity } from '../../../src/types.js';
import { createFolder } from '../../e2e/clips.js';
import { HOSTILE_LABELS } from '../../unit/report/samples.js';
import { reportIssuesOf } from '../../report-schema.js';
import { identityOf, record } from './report-journal.js';

const folder = createFolder();
afterAll(() => folder.remove());

const MADE = new Date('2026-11-25T10:00:00Z');
let journal: JournalHandle;
let count = 0;
beforeEach(async () => {
  journal = await openJournal({ path: folder.file(`${count++}.db`) });
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
});

/** Each report that a test reads fits the published schema. */
async function read(filter: ReportFilter = {}): Promise<ReportData> {
  const { data } = await readReport(journal, { ...filter, made: MADE, version: '0.1.0' });
  expect(reportIssuesOf(JSON.parse(toReportJson(data)))).toEqual([]);
  return data;
}

const clip = identityOf('clip.mp4~0a1b2c3d', 'file:///videos/my%20clip.mp4', Date.UTC(2026, 0, 5, 10));
const scores = [{ minute: 0, timesMs: [0, 200, 400], curves: new Map([[1, Float32Array.of(0.2, 0.6, 1)]]) }];

test('a file: its lanes longest first, thresholds, curves, times and where it was blind', async () => {
  const segments = [
    [0, 0, 1000],
    [1, 200, 1500],
    [1, 5000, 6000],
  ] as const;
  const smoother = { blind: [[1000, 4800]] };
  await record(journal, {
    identity: clip,
    labels: ['cat', 'dog'],
    segments,
    scores,
    smoother,
    lastMs: 9800,
    end: 'completed',
  });
  const shown = { peak: 0.95, mean: 0.6, isOpen: false };
  expect(await read()).toEqual({
    version: 1,
    made: '2026-11-25T10:00:00.000Z',
    generator: 'labelcast 0.1.0',
    model: 'nano 1.0.0',
    sources: [
      {
        streamId: 'clip.mp4~0a1b2c3d',
        name: '/videos/my clip.mp4',
        kind: 'file',
        video: null,
        durationMs: 10_000,
        startTime: '2026-01-05T10:00:00.000Z',
        state: 'completed',
        failure: null,
        gaps: [{ startMs: 1000, endMs: 4800 }],
        thumbnails: null,
        scoreSteps: [0, 200, 200],
        labels: [
          {
            label: 'dog',
            enter: 0.501,
            exit: 0.4,
            scores: Buffer.of(51, 153, 255).toString('base64'),
            segments: [
              { startMs: 200, endMs: 1500, ...shown },
              { startMs: 5000, endMs: 6000, ...shown },
            ],
          },
          {
            label: 'cat',
            enter: 0.5,
            exit: 0.4,
            scores: Buffer.of(0, 0, 0).toString('base64'),
            segments: [{ startMs: 0, endMs: 1000, ...shown }],
          },
        ],
      },
    ],
  });
});

test('an empty journal, and a clip without labels', async () => {
  expect((await read()).sources).toEqual([]);
  expect((await read()).model).toBe('unknown');
  await record(journal, { identity: clip, labels: ['cat'], scores, lastMs: 400, end: 'completed' });
  expect((await read()).model).toBe('nano 1.0.0');
  expect((await read()).sources).toEqual([
    expect.objectContaining({ state: 'completed', labels: [], durationMs: 600, scoreSteps: [0, 200, 200] }),
  ]);
});

test('a file that failed says why in words; one that was interrupted is open, with what is open in it', async () => {
  await record(journal, {
    identity: clip,
    labels: ['cat'],
    segments: [[0, 0, 300]],
    lastMs: 400,
    end: 'failed',
  });
  const other = identityOf('other.mp4~11111111', 'file:///videos/other.mp4');
  await record(journal, { identity: other, labels: ['cat'], segments: [[0, 100]], scores, lastMs: 400 });
  const [failed, open] = (await read()).sources;
  expect([failed!.state, failed!.failure]).toEqual([
    'failed',
    'its data end early or are damaged; what could be read was tagged',
  ]);
  expect([open!.state, open!.failure, open!.durationMs]).toEqual(['open', null, 600]);
  expect(open!.labels[0]!.segments).toEqual([
    { startMs: 100, endMs: 600, peak: 0.911, mean: 0.744, isOpen: true },
  ]);
});

test('a camera: open segments reach to its end, and where it was away it was blind', async () => {
  const startedMs = Date.UTC(2026, 0, 5, 10);
  const identity = identityOf('gate-2', 'rtsp://10.0.0.5/stream1', startedMs);
  const timesMs = [1000, 1200, 1400, 9000, 9200];
  const standings = [
    ['connecting', startedMs],
    ['online', startedMs + 1050],
    ['offline', startedMs + 20_000],
  ] as const;
  const block = { minute: 0, timesMs, curves: new Map([[0, Float32Array.from(timesMs, () => 0.8)]]) };
  await record(journal, {
    identity,
    labels: ['dog'],
    segments: [[0, 9000]],
    scores: [block],
    standings,
    lastMs: 9200,
  });
  const [camera] = (await read()).sources;
  expect(camera).toMatchObject({
    name: 'rtsp://10.0.0.5/stream1',
    kind: 'live',
    state: 'open',
    startTime: '2026-01-05T10:00:00.000Z',
    durationMs: 20_000,
    gaps: [{ startMs: 1400, endMs: 9000 }],
    scoreSteps: [1000, 200, 200, 7600, 200],
  });
  expect(camera!.labels[0]!.segments).toMatchObject([{ startMs: 9000, endMs: 20_000, isOpen: true }]);
});

test('a source that could not be opened is told, until it could', async () => {
  const { streamId, sourceUri } = identityOf('lost.mp4~22222222', 'file:///videos/lost.mp4');
  const gone = {
    streamId,
    sourceUri,
    kind: 'file',
    epoch: null,
    state: 'failed',
    cause: 'not-found',
  } as const;
  const rest = { segments: [], scores: [], checkpoint: null };
  await journal.commit({ epoch: null, events: [toStreamEvent('default', gone, 0)], ...rest });
  expect((await read()).sources).toEqual([
    expect.objectContaining({
      name: '/videos/lost.mp4',
      state: 'failed',
      failure: 'it was not there',
      durationMs: 0,
    }),
  ]);
  await record(journal, {
    identity: identityOf('lost.mp4~33333333', sourceUri),
    labels: ['cat'],
    lastMs: 400,
    end: 'completed',
  });
  expect((await read()).sources.map(({ state }) => state)).toEqual(['completed']);
});

test('only the newest epoch of a stream is shown', async () => {
  await record(journal, {
    identity: clip,
    labels: ['cat'],
    segments: [[0, 0, 300]],
    lastMs: 400,
    end: 'completed',
  });
  const anew = { ...clip, epoch: crypto.randomUUID() };
  await record(journal, {
    identity: anew,
    labels: ['dog'],
    segments: [[0, 0, 300]],
    lastMs: 400,
    end: 'completed',
  });
  const { sources } = await read();
  expect(sources.map(({ labels }) => labels.map(({ label }) => label))).toEqual([['dog']]);
});

test('an epoch that is taken up again is the newest of its stream, and is shown', async () => {
  const anew = { ...clip, epoch: crypto.randomUUID() };
  const rest = { segments: [[0, 0, 300]], lastMs: 400, end: 'completed' } as const;
  await record(journal, { identity: clip, labels: ['cat'], ...rest });
  await record(journal, { identity: anew, labels: ['dog'], ...rest });
  const toLefts = async (identities: readonly StreamIdentity[]) => {
    const lefts: boolean[] = [];
    for (const identity of identities) lefts.push((await journal.openEpoch(identity)).wasLeft);
    return lefts;
  };
  expect(await toLefts([anew, clip, clip])).toEqual([false, true, false]);
  const { sources } = await read();
  expect(sources.map(({ labels }) => labels.map(({ label }) => label))).toEqual([['cat']]);
  expect((await journal.segments()).map(({ label }) => label)).toEqual(['cat']);
});

test('a failure to open is told, also of a file that was begun before and has no event', async () => {
  await journal.openEpoch(clip);
  const gone = { ...clip, epoch: null, state: 'failed', cause: 'corrupt' } as const;
  const rest = { segments: [], scores: [], checkpoint: null };
  await journal.commit({ epoch: null, events: [toStreamEvent('default', gone, 0)], ...rest });
  expect((await read()).sources).toEqual([
    expect.objectContaining({ name: '/videos/my clip.mp4', state: 'failed' }),
  ]);
});

test('an epoch that was begun and has no event yet is shown, and none before it', async () => {
  await record(journal, {
    identity: clip,
    labels: ['cat'],
    segments: [[0, 0, 300]],
    lastMs: 400,
    end: 'completed',
  });
  await journal.openEpoch({ ...clip, epoch: crypto.randomUUID() });
  expect((await read()).sources).toEqual([
    expect.objectContaining({ streamId: clip.streamId, state: 'open', labels: [] }),
  ]);
});

test('only the streams and labels asked for; a stream that is not there is refused with those that are', async () => {
  const other = identityOf('other.mp4~11111111', 'file:///videos/other.mp4');
  for (const identity of [clip, other])
    await record(journal, {
      identity,
      labels: ['cat', 'dog'],
      segments: [
        [0, 0, 300],
        [1, 0, 300],
      ],
      lastMs: 400,
      end: 'completed',
    });
  const { sources } = await read({ streams: [other.streamId], labels: ['dog', 'bird'] });
  expect(sources.map(({ streamId, labels }) => [streamId, labels.map(({ label }) => label)])).toEqual([
    [other.streamId, ['dog']],
  ]);
  await expect(read({ streams: ['gate-9'] })).rejects.toMatchObject({
    message: 'the journal holds no stream gate-9',
    issues: [clip.streamId, other.streamId],
  });
});

test('200 labels, hostile names among them, come through as they are', async () => {
  const labels = [...HOSTILE_LABELS, ...Array.from({ length: 200 }, (_, n) => `label ${n}`)];
  const segments = labels.map((_, n) => [n, n, n + 300] as const);
  await record(journal, { identity: clip, labels, segments, lastMs: 400, end: 'completed' });
  const [source] = (await read()).sources;
  expect(source!.labels.map(({ label }) => label).toSorted()).toEqual(labels.toSorted());
});

test('a journal of an earlier labelcast, which did not say whose labels its curves are, has lanes without curves', async () => {
  await record(journal, {
    identity: clip,
    labels: ['cat', 'dog'],
    segments: [[1, 0, 300]],
    scores,
    smoother: { model: undefined },
    lastMs: 400,
    end: 'completed',
  });
  const [source] = (await read()).sources;
  expect(source!.labels).toMatchObject([
    { label: 'dog', scores: null, segments: [{ startMs: 0, endMs: 300 }] },
  ]);
});
