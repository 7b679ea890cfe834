// One ONNX Runtime session in a worker thread of the tagger process: two one-thread sessions side by side score more frames
// than one session with two threads.
import { parentPort, workerData } from 'node:worker_threads';
import { openModelScorer, type Scorer } from './model-scorer.js';
import { explainFailure, isDeviceLost } from './cuda-words.js';
import { isOutOfMemory, toMessage, toText, Unusable } from './onnx-session.js';
import { openPreludeScorer } from './prelude-scorer.js';
import type { OpenFailure, OpenRequest, Ready, RunReply, RunRequest } from './tagger-messages.js';

const request = workerData as OpenRequest;
const port = parentPort!;

try {
  const { prelude } = request;
  const scorer = await (prelude === null ? openModelScorer(request) : openPreludeScorer(request, prelude));
  const { isOneByOne } = scorer;
  const ready: Ready = { kind: 'ready', warmed: await warm(scorer), isOneByOne };
  port.on('message', (run: RunRequest) => void answer(scorer, run));
  port.postMessage(ready);
} catch (error) {
  port.postMessage(toFailure(error));
}

function toFailure(error: unknown): OpenFailure {
  const message = toMessage(error);
  if (error instanceof Unusable) return { kind: 'failed', about: error.about, message, remedy: error.remedy };
  if (isOutOfMemory(error)) return { kind: 'failed', about: 'memory', message };
  // a model that opens there and does not run is no fault of the model: it runs on the CPU
  const about = request.provider === 'cpu' ? 'model' : 'provider';
  return { kind: 'failed', about, message, remedy: explainFailure(toText(error))?.remedy };
}

/** Runs each size twice: the first pays for memory and kernel choice, the second is timed. */
async function warm({ score }: Scorer): Promise<Ready['warmed']> {
  const warmed: { size: number; batchMs: number }[] = [];
  for (const size of request.batchSizes) {
    const slab = new Uint8Array(size * request.height * request.width * 3).fill(114);
    try {
      await score(slab, size, size);
      const startedMs = performance.now();
      await score(slab, size, size);
      warmed.push({ size, batchMs: performance.now() - startedMs });
    } catch (error) {
      if (!isOutOfMemory(error) || warmed.length === 0) throw error;
      return warmed;
    }
  }
  return warmed;
}

async function answer({ score }: Scorer, { lane, slab, frames, size }: RunRequest): Promise<void> {
  try {
    const all = await score(slab, frames, size);
    const scores = all.slice(0, frames * request.labelCount);
    reply({ kind: 'scored', lane, slab, scores });
  } catch (error) {
    // nothing more can be run here, and the next process may have the device again: ends this one
    if (!isOutOfMemory(error) && isDeviceLost(toText(error))) throw error;
    reply({ kind: 'refused', lane, slab, outOfMemory: isOutOfMemory(error), message: toMessage(error) });
  }
}

function reply(message: RunReply): void {
  port.postMessage(message, [message.slab.buffer]);
}
