import { fileEpoch } from '../../../src/publish/ids.js';
import type { EventContext } from '../../../src/publish/event-writer.js';
import type { StreamIdentity, Transition } from '../../../src/types.js';

const LABELS = ['person', 'dog'];
const SMOOTHING = {
  halfLifeMs: 400,
  minOnMs: 400,
  minOffMs: 1000,
  gapToleranceMs: 3000,
  thresholds: LABELS.map(() => ({ enter: 0.55, exit: 0.38 })),
};

/** Parts of an epoch; the identity is made from a name. */
export function epochParts(name: string) {
  return {
    identity: name,
    modelSha256: 'ab'.repeat(32),
    executionProvider: 'cpu',
    batchSize: 8,
    threads: 1,
    labels: LABELS,
    sampling: { fps: 5 },
    smoothing: SMOOTHING,
  };
}

/** A file's identity as the journal takes it. */
export function fileIdentity(name: string): StreamIdentity {
  return {
    streamId: `${name}~0a1b2c3d`,
    kind: 'file',
    sourceUri: `file:///videos/${name}.mp4`,
    epoch: fileEpoch(epochParts(name)),
    clock: 'none',
    startTimeMs: null,
    tags: { site: 'north' },
  };
}

/** What an EventWriter of that file needs. */
export function eventContext(name: string): EventContext {
  const model = { name: 'nano', version: '1.0.0', sha256: 'ab'.repeat(32), labels: LABELS };
  return { deployment: 'default', identity: fileIdentity(name), model, thresholds: SMOOTHING.thresholds };
}

/** `label` begins at `startMs`. */
export function started(label: number, startMs: number): Transition {
  return {
    phase: 'started',
    reason: 'threshold',
    label,
    startMs,
    endMs: null,
    atMs: startMs,
    confirmedMs: startMs + 400,
    score: { current: 0.83049, peak: 0.9105, mean: 0.7444 },
    frames: { observed: 3, expected: 3 },
  };
}

/** `label`, begun at `startMs`, ends at `endMs`. */
export function ended(label: number, startMs: number, endMs: number): Transition {
  return {
    ...started(label, startMs),
    phase: 'ended',
    endMs,
    atMs: endMs,
    confirmedMs: endMs + 1000,
    score: { current: 0.1, peak: 0.95, mean: 0.6 },
    frames: { observed: 9, expected: 9 },
  };
}
