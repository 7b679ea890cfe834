// One ONNX Runtime session in a worker thread of the tagger process: `run()` blocks the thread that calls it, and two
// one-thread sessions side by side score more frames than one session with two threads. The only door to the library.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OpenFailure, OpenRequest, Ready, RunReply, RunRequest } from './tagger-messages.js';

const request = workerData as OpenRequest;
const port = parentPort!;

/** Why the session cannot be opened, in words for people. */
class Unusable extends Error {
  readonly about: OpenFailure['about'];

  constructor(about: OpenFailure['about'], message: string) {
    super(message);
    this.about = about;
  }
}

try {
  const session = await openSession();
  const ready: Ready = { kind: 'ready', warmed: await warm(session) };
  port.on('message', (run: RunRequest) => void answer(session, run));
  port.postMessage(ready);
} catch (error) {
  const about = error instanceof Unusable ? error.about : isOutOfMemory(error) ? 'memory' : 'model';
  port.postMessage({ kind: 'failed', about, message: toMessage(error) } satisfies OpenFailure);
}

async function openSession(): Promise<InferenceSession> {
  const bytes = await readFile(request.file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== request.sha256) {
    throw new Unusable('model', `${request.file} changed since it was checked: sha256 is now ${sha256}`);
  }
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, {
      executionProviders: [request.provider],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      // a spinning thread takes the CPU from the decoders
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    const about = request.provider === 'cpu' ? 'model' : 'provider';
    throw new Unusable(
      about,
      `ONNX Runtime cannot open ${request.file} on ${request.provider}: ${toMessage(error)}`,
    );
  }
  checkSignature(session);
  return session;
}

function checkSignature(session: InferenceSession): void {
  const { height, width, labelCount } = request;
  checkValue('input', session.inputMetadata, 'frames', 'uint8', [height, width, 3]);
  checkValue('output', session.outputMetadata, 'scores', 'float32', [labelCount]);
}

function checkValue(
  what: 'input' | 'output',
  found: readonly InferenceSession.ValueMetadata[],
  name: string,
  type: string,
  inner: readonly number[],
): void {
  const value = found.find((candidate) => candidate.name === name);
  const wanted = `${type} [N,${inner.join(',')}]`;
  if (value === undefined || !value.isTensor) {
    const names = found.map((candidate) => candidate.name).join(', ');
    throw new Unusable('model', `the model has no ${what} \`${name}\` ${wanted}; its ${what}s are: ${names}`);
  }
  const [n, ...rest] = value.shape;
  const fits =
    typeof n === 'string' && rest.length === inner.length && rest.every((size, at) => size === inner[at]);
  if (value.type !== type || !fits) {
    const got = `${value.type} [${value.shape.join(',')}]`;
    throw new Unusable(
      'model',
      `the model's ${what} \`${name}\` is ${got}, but the manifest's ${what === 'input' ? 'input wants' : 'labels want'} ${wanted}`,
    );
  }
}

/** Runs each size twice: the first pays for memory and kernel choice, the second is timed. */
async function warm(session: InferenceSession): Promise<Ready['warmed']> {
  const warmed: { size: number; batchMs: number }[] = [];
  for (const size of request.batchSizes) {
    const slab = new Uint8Array(size * frameBytes()).fill(114);
    try {
      await run(session, slab, size);
      const startedMs = performance.now();
      await run(session, slab, size);
      warmed.push({ size, batchMs: performance.now() - startedMs });
    } catch (error) {
      if (!isOutOfMemory(error) || warmed.length === 0) throw error;
      return warmed;
    }
  }
  return warmed;
}

async function answer(session: InferenceSession, { lane, slab, frames, size }: RunRequest): Promise<void> {
  try {
    const all = await run(session, slab, size);
    const scores = all.slice(0, frames * request.labelCount);
    reply({ kind: 'scored', lane, slab, scores });
  } catch (error) {
    reply({ kind: 'refused', lane, slab, outOfMemory: isOutOfMemory(error), message: toMessage(error) });
  }
}

function reply(message: RunReply): void {
  port.postMessage(message, [message.slab.buffer]);
}

async function run(session: InferenceSession, slab: Uint8Array, size: number): Promise<Float32Array> {
  const { height, width, labelCount } = request;
  const batch = slab.subarray(0, size * frameBytes());
  const { scores } = await session.run({ frames: new Tensor('uint8', batch, [size, height, width, 3]) }, [
    'scores',
  ]);
  if (!(scores?.data instanceof Float32Array) || scores.dims.join() !== `${size},${labelCount}`) {
    const got = `${scores?.type} [${scores?.dims.join(',')}]`;
    throw new Unusable(
      'model',
      `the model gave scores ${got} for ${size} frames, not float32 [${size},${labelCount}]`,
    );
  }
  return scores.data;
}

function frameBytes(): number {
  return request.height * request.width * 3;
}

function isOutOfMemory(error: unknown): boolean {
  return /bad_alloc|failed to allocate|out of memory|alloc_failed/i.test(toMessage(error));
}

/** The first line, without the places in ONNX Runtime's own sources. */
function toMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const short = /failed to allocate[^\n]*|std::bad_alloc/i.exec(text)?.[0] ?? text.trim().split('\n', 1)[0]!;
  return short.replace(/\/onnxruntime_src\/\S+\s*/g, '');
}
