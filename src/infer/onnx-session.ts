// The only door to ONNX Runtime, for threads of processes that may crash: `run()` blocks the thread that calls it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InferenceSession } from 'onnxruntime-node';
import { checkCuda } from './cuda-check.js';
import { explainFailure } from './cuda-words.js';
import type { ModelFile, OpenFailure, OpenRequest } from './tagger-messages.js';

export { InferenceSession, Tensor } from 'onnxruntime-node';

/** Why the session cannot be opened, in words for people. */
export class Unusable extends Error {
  readonly about: OpenFailure['about'];
  readonly remedy: string | undefined;

  constructor(about: OpenFailure['about'], message: string, remedy?: string) {
    super(message);
    this.about = about;
    this.remedy = remedy;
  }
}

const NO_ADAPTER = 'there is no GPU that WebGPU can use: no Vulkan driver offers one (No supported adapters)';
const DRIVER = "install the GPU's Vulkan driver, as mesa-vulkan-drivers, or use --device cpu";

/** Opens the model of a request on one thread. Throws Unusable, or what tells that memory is short. */
export async function openModel(request: OpenRequest): Promise<InferenceSession> {
  const { file, sha256, provider, deviceId, cuda } = request;
  const problem = cuda === null ? null : checkCuda(cuda.provider, cuda.folders);
  if (problem !== null) throw new Unusable('provider', problem.message, problem.remedy);
  const bytes = await readChecked({ file, sha256 });
  const externalData = [];
  for (const one of request.data) externalData.push({ path: one.path, data: await readChecked(one) });
  try {
    const more = externalData.length === 0 ? {} : { externalData };
    return await openSession(bytes, provider === 'cuda' ? { name: provider, deviceId } : provider, more);
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    const failure = explainFailure(toText(error));
    if (failure !== null) throw new Unusable('provider', failure.message, failure.remedy);
    if (toText(error).includes('No supported adapters')) throw new Unusable('provider', NO_ADAPTER, DRIVER);
    const about = provider === 'cpu' ? 'model' : 'provider';
    throw new Unusable(about, `ONNX Runtime cannot open ${file} on ${provider}: ${toMessage(error)}`);
  }
}

/** Opens the bytes of an ONNX file on one thread. Throws what ONNX Runtime throws. */
export function openSession(
  bytes: Uint8Array,
  provider: InferenceSession.ExecutionProviderConfig,
  more: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  return InferenceSession.create(bytes, {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // a spinning thread takes the CPU from the decoders
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...more,
  });
}

async function readChecked({ file, sha256 }: ModelFile): Promise<Buffer> {
  const bytes = await readFile(file);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new Unusable('model', `${file} changed since it was checked: sha256 is now ${found}`);
}

export function isOutOfMemory(error: unknown): boolean {
  return /bad_alloc|failed to allocate|out of memory|alloc(ation)?_failed/i.test(toText(error));
}

/** The first line, without the places in ONNX Runtime's own sources. */
export function toMessage(error: unknown): string {
  const text = toText(error);
  const failure = explainFailure(text);
  if (failure !== null) return failure.message;
  const short = /failed to allocate[^\n]*|std::bad_alloc/i.exec(text)?.[0] ?? text.trim().split('\n', 1)[0]!;
  return short.replace(/\/onnxruntime_src\/\S+\s*/g, '');
}

export function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
