import { expect, test } from '@jest/globals';
import {
  fileEpoch,
  toCompletedId,
  toLabelEventId,
  toSegmentId,
  toStreamStateId,
} from '../../../src/publish/ids.js';
import { epochParts } from './samples.js';

const EPOCH = '3a4c4b1e-4b7c-5d62-9d36-6d2b6f0d6a11';

test('an epoch is a version 5 UUID that depends on each of its parts and on nothing else', () => {
  const parts = epochParts('cat');
  const epoch = fileEpoch(parts);
  expect(epoch).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(fileEpoch(Object.fromEntries(Object.entries(parts).reverse()) as never)).toBe(epoch);
  const [first, ...rest] = parts.smoothing.thresholds;
  const others = [
    { ...parts, identity: 'dog' },
    { ...parts, modelSha256: 'cd'.repeat(32) },
    { ...parts, executionProvider: 'cuda' },
    { ...parts, batchSize: 16 },
    { ...parts, threads: 2 },
    { ...parts, labels: ['person'] },
    { ...parts, sampling: { fps: 4 } },
    { ...parts, sampling: { fps: 5, keyframesOnly: true } },
    { ...parts, sampling: { fps: 5, staticGate: true } },
    { ...parts, smoothing: { ...parts.smoothing, minOnMs: 0 } },
    { ...parts, smoothing: { ...parts.smoothing, thresholds: [{ ...first!, enter: 0.6 }, ...rest] } },
  ].map(fileEpoch);
  expect(new Set([epoch, ...others]).size).toBe(others.length + 1);
});

test('ids are what they were: a reader that stored them recognises them', () => {
  expect(fileEpoch(epochParts('cat'))).toBe('cb724526-f514-5d08-b715-b393655ba740');
  const segmentId = toSegmentId({ epoch: EPOCH, streamId: 'cat~0a1b2c3d', label: 'dog', startMs: 200 });
  expect(segmentId).toBe('4c9622d4-5c79-5376-92fc-b2217a42a975');
  expect(toLabelEventId(segmentId, { phase: 'started', reason: 'threshold', atMs: 200 })).toBe(
    'da6d4207-e822-5f78-a35a-0b8716ab5ec6',
  );
  expect(toCompletedId(EPOCH, 'cat~0a1b2c3d')).toBe('44830d8c-afc0-59f2-951f-df1e662df1c4');
  expect(toStreamStateId(EPOCH, 'cat~0a1b2c3d', 'failed', null)).toBe('2e554c2e-561e-5ed7-baaf-5c7092025949');
});

test('a way of sampling that is off leaves the epoch of a file as it was before there was one', () => {
  const parts = epochParts('cat');
  const off = { ...parts, sampling: { ...parts.sampling, keyframesOnly: false, staticGate: false } };
  expect(fileEpoch(off)).toBe(fileEpoch(parts));
});

test('the id of a stream event without an epoch is in the URL namespace', () => {
  // python3 -c "import uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, 'cat~0a1b2c3d|failed'))"
  expect(toStreamStateId(null, 'cat~0a1b2c3d', 'failed', null)).toBe('2efa2e8f-c6d1-53ba-b035-f57ce70caffd');
});
