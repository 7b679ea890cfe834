import { EventWriter } from '../../src/publish/event-writer.js';
import type { JournalHandle } from '../../src/publish/journal.js';
import type { Commit, StreamIdentity, Transition } from '../../src/types.js';

const LABELS = ['person', 'bicycle', 'car', 'dog'];
const MODEL = { name: 'sgfn-nano-coco80', version: '1.1.0', sha256: 'ab'.repeat(32), labels: LABELS };
const THRESHOLDS = LABELS.map(() => ({ enter: 0.55, exit: 0.38 }));
const STEP_MS = 5000;

/** Cameras that see something new all the time; each commit has an event of each of the four labels. */
export class LiveEvents {
  /** In a commit. */
  static readonly EVENTS = LABELS.length;
  readonly #journal: JournalHandle;
  readonly #cameras: { readonly epoch: string; readonly writer: EventWriter; steps: number }[];

  private constructor(journal: JournalHandle, identities: readonly StreamIdentity[]) {
    this.#journal = journal;
    this.#cameras = identities.map((identity) => {
      const context = { deployment: 'default', identity, model: MODEL, thresholds: THRESHOLDS };
      return { epoch: identity.epoch, writer: new EventWriter(context), steps: 0 };
    });
  }

  static async open(journal: JournalHandle, cameras: number): Promise<LiveEvents> {
    const identities = Array.from({ length: cameras }, (_, n) => toIdentity(n));
    for (const identity of identities) await journal.openEpoch(identity);
    return new LiveEvents(journal, identities);
  }

  /** Commits the next events of a camera. */
  commit(n: number): Promise<void> {
    const camera = this.#cameras[n % this.#cameras.length]!;
    const step = camera.steps++;
    const transitions = LABELS.map((_, label) => toTransition(label, step));
    const { events, segments } = camera.writer.write(transitions, 0);
    const { nextSequence } = camera.writer;
    const checkpoint = { lastMs: step * STEP_MS, frameHash: step, nextSequence, smoother: {} };
    return this.#journal.commit({
      epoch: camera.epoch,
      events,
      segments,
      scores: [],
      checkpoint,
    } satisfies Commit);
  }
}

function toIdentity(n: number): StreamIdentity {
  return {
    streamId: `gate-${n}`,
    kind: 'live',
    sourceUri: `rtsp://10.0.0.${n}/stream1`,
    epoch: `0199c5f2-7a10-7000-8000-${String(n).padStart(12, '0')}`,
    clock: 'receive',
    startTimeMs: Date.UTC(2026, 0, 5, 10),
    tags: { site: 'north' },
  };
}

function toTransition(label: number, step: number): Transition {
  const isStart = step % 2 === 0;
  const startMs = (step - (step % 2)) * STEP_MS;
  const endMs = isStart ? null : startMs + 2000 + label * 200;
  return {
    phase: isStart ? 'started' : 'ended',
    reason: 'threshold',
    label,
    startMs,
    endMs,
    atMs: endMs ?? startMs,
    confirmedMs: startMs + 400,
    score: {
      current: 0.5 + ((step * 37 + label) % 499) / 1000,
      peak: 0.5 + ((step * 61) % 500) / 1000,
      mean: 0.7,
    },
    frames: { observed: 3 + (step % 7), expected: 3 + (step % 7) },
  };
}
