import './publish/disposal.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config/read-config.js';
import { Track } from '../../src/infer/track.js';
import { openLiveEpoch } from '../../src/live-epoch.js';
import { toModelState } from '../../src/model-state.js';
import type { LiveRig, LiveStream } from '../../src/live-stream.js';
import { EpochRecorder } from '../../src/publish/epoch-recorder.js';
import { type JournalHandle, openJournal } from '../../src/publish/journal.js';
import type { CloudEvent, EpochState, LabelEventData, ModelInfo } from '../../src/types.js';

const NOW = Date.UTC(2026, 0, 5, 10);
const MODEL: ModelInfo = { name: 'm', version: '1', sha256: 'a'.repeat(64), labels: ['dog'] };
const SMOOTHING = {
  halfLifeMs: 0,
  minOnMs: 400,
  minOffMs: 1000,
  gapToleranceMs: 3000,
  thresholds: [{ enter: 0.6, exit: 0.4 }],
};
const STREAM: LiveStream = {
  streamId: 'gate',
  url: 'rtsp://u:p@10.0.0.5/one?token=1',
  name: 'rtsp://10.0.0.5/one',
  sourceUri: 'rtsp://10.0.0.5/one',
  tags: {},
  fps: undefined,
  giveUpAfterMs: null,
};
let folder: string;
let journal: JournalHandle;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelcast-'));
  journal = await openJournal({ path: join(folder, 'journal.db') });
});
afterAll(async () => {
  await journal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function rigOf(model: ModelInfo = MODEL): LiveRig {
  const labels = model.labels.map((name, index) => ({ name, index }));
  const parts = {
    config: readConfig(null, {}),
    journal,
    model: { info: model },
    labels,
    smoothing: SMOOTHING,
  };
  return parts as unknown as LiveRig;
}

/** Two seconds of a dog, committed with a checkpoint, and then the process is gone. */
async function watchDog(held: EpochState, fromMs: number, isContinued = false): Promise<void> {
  const options = { kind: 'live', fps: 5, smoothing: SMOOTHING, labelCount: 1 } as const;
  const track = new Track(options, isContinued ? held.checkpoint?.smoother : undefined);
  const context = {
    deployment: 'default',
    identity: held.identity,
    model: MODEL,
    thresholds: SMOOTHING.thresholds,
  };
  const observer = { state: () => ({ ...track.state(), ...toModelState(rigOf()) }), durationMs: 0 };
  const recorder = new EpochRecorder({ journal, context, held, observer });
  for (let at = fromMs; at < fromMs + 2000; at += 200) {
    const frame = { ptsMs: at, damaged: false, scores: Float32Array.of(0.9), hash: 1 };
    await recorder.record(frame, track.observe(frame));
  }
  await recorder.pause();
}

async function lastEvent(): Promise<LabelEventData> {
  const rows = await journal.read(0, 1000);
  return (rows.at(-1)!.event as CloudEvent<LabelEventData>).data;
}

test('a stream goes on in its epoch until its address, the clock or the model is another', async () => {
  const first = await openLiveEpoch(STREAM, rigOf(), NOW);
  expect([first.isContinued, first.previous, first.held.identity.clock]).toEqual([false, null, 'receive']);
  await watchDog(first.held, 1000);

  const again = await openLiveEpoch(
    { ...STREAM, sourceUri: 'rtsp://10.0.0.5/one?token=2' },
    rigOf(),
    NOW + 5000,
  );
  expect([again.isContinued, again.held.identity.epoch]).toEqual([true, first.held.identity.epoch]);
  expect(again.held.openSegments.map(({ label, startMs }) => [label, startMs])).toEqual([['dog', 1000]]);

  const otherModel = await openLiveEpoch(STREAM, rigOf({ ...MODEL, sha256: 'b'.repeat(64) }), NOW + 6000);
  expect([otherModel.isContinued, otherModel.held.identity.epoch]).toEqual([
    false,
    first.held.identity.epoch,
  ]);
  expect(await lastEvent()).toMatchObject({
    phase: 'ended',
    reason: 'model-change',
    endMs: 2800,
    sequence: 2,
  });
  await watchDog(otherModel.held, 7000);

  const moved = await openLiveEpoch({ ...STREAM, sourceUri: 'rtsp://10.0.0.5/two' }, rigOf(), NOW + 10_000);
  expect(moved.held.identity.epoch).not.toBe(first.held.identity.epoch);
  expect(await lastEvent()).toMatchObject({ phase: 'ended', reason: 'gap', endMs: 8800, sequence: 4 });
  expect(moved.previous).toEqual({ epoch: first.held.identity.epoch, sequence: 4 });
  await watchDog(moved.held, 60_000);

  const place = { ...STREAM, sourceUri: 'rtsp://10.0.0.5/two' };
  const near = await openLiveEpoch(place, rigOf(), NOW + 10_000 + 61_800 - 5000);
  expect(near.held.identity.epoch).toBe(moved.held.identity.epoch);
  const back = await openLiveEpoch(place, rigOf(), NOW + 10_000 + 61_800 - 5001);
  expect(back.held.identity.epoch).not.toBe(moved.held.identity.epoch);
});

test('an address that was wrong for a while, and never gave a frame, leaves what was open ended once', async () => {
  const gate = { ...STREAM, streamId: 'yard' };
  const first = await openLiveEpoch(gate, rigOf(), NOW);
  await watchDog(first.held, 1000);
  await openLiveEpoch({ ...gate, sourceUri: 'rtsp://10.0.0.5/oen' }, rigOf(), NOW + 5000);
  expect(await lastEvent()).toMatchObject({ phase: 'ended', reason: 'gap', sequence: 2 });
  const back = await openLiveEpoch(gate, rigOf(), NOW + 9000);
  expect([back.isContinued, back.held.identity.epoch]).toEqual([false, first.held.identity.epoch]);
  await watchDog(back.held, 10_000, back.isContinued);
  expect(await lastEvent()).toMatchObject({ phase: 'started', startMs: 10_000, sequence: 3 });
});

test('labels with new names are another model, and what was open ends under the old name', async () => {
  const door = { ...STREAM, streamId: 'door' };
  const first = await openLiveEpoch(door, rigOf(), NOW);
  await watchDog(first.held, 1000);
  const renamed = { ...MODEL, version: '2', labels: ['hund'] };
  const next = await openLiveEpoch(door, rigOf(renamed), NOW + 5000);
  expect(next.isContinued).toBe(false);
  expect(await lastEvent()).toMatchObject({
    phase: 'ended',
    reason: 'model-change',
    label: 'dog',
    model: { version: '1' },
  });
});
