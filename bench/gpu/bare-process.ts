// ONNX Runtime alone, in a process that its parent can kill: one session, frames already in memory, timed batch by batch.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BareAnswer, BareRequest } from './bare-runtime.js';

let session: InferenceSession | null = null;
let size = { width: 0, height: 0 };

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (request: BareRequest) => {
  answer(request).then(say, (error: unknown) =>
    say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});

async function answer(request: BareRequest): Promise<BareAnswer> {
  if (request.kind === 'measure') return measure(request);
  size = request;
  session = await InferenceSession.create(request.file, { executionProviders: [request.device] });
  return { kind: 'open' };
}

async function measure({ batch, forMs }: BareRequest & { kind: 'measure' }): Promise<BareAnswer> {
  const { width, height } = size;
  const pixels = Uint8Array.from({ length: batch * height * width * 3 }, (_, n) => (n * 31) % 251);
  const frames = new Tensor('uint8', pixels, [batch, height, width, 3]);
  const run = () => session!.run({ frames }, ['scores']);
  // the first run pays for memory and the choice of kernels; a second one is worth its time where it is short
  const firstMs = await timed(run);
  if (firstMs < forMs) await run();
  let runs = 0;
  const startedMs = performance.now();
  do {
    await run();
    runs += 1;
  } while (performance.now() - startedMs < forMs);
  const batchMs = (performance.now() - startedMs) / runs;
  return { kind: 'measured', framesPerSecond: (batch / batchMs) * 1000, batchMs, runs };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return performance.now() - startedMs;
}

function say(message: BareAnswer): void {
  process.send?.(message);
}
