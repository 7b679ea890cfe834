import { expect, test } from '@jest/globals';
import { InferError, IngestError } from '../../src/errors.js';
import { type Recorder, runStream } from '../../src/pipeline.js';
import type { Frame, FrameSource, Lane, ScoredFrame, SourceEnd } from '../../src/types.js';

const PIXELS = { bytes: new Uint8Array(3), hash: () => 7, release: () => {} };

/** A source of `count` frames, 200 ms apart, that ends as told. */
function sourceOf(count: number, ending: SourceEnd | Error): FrameSource {
  return {
    async *frames(signal) {
      for (let n = 0; n < count && !signal.aborted; n++)
        yield { ptsMs: n * 200, damaged: false, pixels: PIXELS };
      if (ending instanceof Error) throw ending;
      return ending;
    },
  };
}

/** A lane that scores at once; from frame `poison` on it fails. */
class DirectLane implements Lane {
  readonly #queue: Frame[] = [];
  #ended = false;
  #wake: () => void = () => {};
  readonly #poison: number;
  closed = false;

  constructor(poison = Number.POSITIVE_INFINITY) {
    this.#poison = poison;
  }
  async push(frame: Frame): Promise<void> {
    this.#queue.push(frame);
    this.#wake();
  }
  end(): void {
    this.#ended = true;
    this.#wake();
  }
  close(): void {
    this.closed = true;
  }
  async *scored(): AsyncGenerator<ScoredFrame> {
    for (;;) {
      const frame = this.#queue.shift();
      if (frame === undefined) {
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (frame.ptsMs >= this.#poison * 200) throw new InferError('frame kills the tagger');
      yield { ptsMs: frame.ptsMs, damaged: false, scores: new Float32Array([0.5]), hash: 7 };
    }
  }
}

function recorderInto(log: string[]): Recorder {
  return {
    record: async (frame) => void log.push(`frame ${frame.ptsMs}`),
    finish: async (cause) => void log.push(`finish ${cause}`),
    pause: async () => void log.push('pause'),
  };
}

const observer = { observe: () => [], finish: () => [] };
const FINE: SourceEnd = { durationMs: 600, cause: null };

test('every frame is recorded in order, then the end', async () => {
  const log: string[] = [];
  await runStream(
    { source: sourceOf(3, FINE), lane: new DirectLane(), observer, recorder: recorderInto(log) },
    new AbortController().signal,
  );
  expect(log).toEqual(['frame 0', 'frame 200', 'frame 400', 'finish null']);
});

test('a source cut short finishes as corrupt', async () => {
  const log: string[] = [];
  const source = sourceOf(1, { durationMs: 600, cause: 'corrupt' });
  await runStream(
    { source, lane: new DirectLane(), observer, recorder: recorderInto(log) },
    new AbortController().signal,
  );
  expect(log).toEqual(['frame 0', 'finish corrupt']);
});

test('a source that fails has its frames recorded before the failure is reported', async () => {
  const log: string[] = [];
  const failing = sourceOf(2, new IngestError('decode', 'cannot decode'));
  const run = runStream(
    { source: failing, lane: new DirectLane(), observer, recorder: recorderInto(log) },
    new AbortController().signal,
  );
  await expect(run).rejects.toThrow('cannot decode');
  expect(log).toEqual(['frame 0', 'frame 200', 'finish decode']);
});

test('a source whose failure may pass is paused, to be continued', async () => {
  const log: string[] = [];
  const failing = sourceOf(2, new IngestError('timeout', 'connection broke', { retryable: true }));
  const stages = { source: failing, lane: new DirectLane(), observer, recorder: recorderInto(log) };
  await expect(runStream(stages, new AbortController().signal)).rejects.toThrow('connection broke');
  expect(log).toEqual(['frame 0', 'frame 200', 'pause']);
});

test('a frame that cannot be scored fails the stream and closes its lane', async () => {
  const log: string[] = [];
  const lane = new DirectLane(1);
  const run = runStream(
    { source: sourceOf(5, FINE), lane, observer, recorder: recorderInto(log) },
    new AbortController().signal,
  );
  await expect(run).rejects.toThrow('kills the tagger');
  expect([log, lane.closed]).toEqual([['frame 0', 'finish inference'], true]);
});

test('a stop records what was taken and pauses instead of finishing', async () => {
  const log: string[] = [];
  const stop = new AbortController();
  const recorder = recorderInto(log);
  const stopping: Recorder = {
    ...recorder,
    record: async (frame) => (stop.abort(), recorder.record(frame, [])),
  };
  await runStream(
    { source: sourceOf(50, FINE), lane: new DirectLane(), observer, recorder: stopping },
    stop.signal,
  );
  expect([log[0], log.at(-1), log.length < 50]).toEqual(['frame 0', 'pause', true]);
});
