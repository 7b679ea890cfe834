import { readdirSync } from 'node:fs';
import { type CudaProblem, explainLoading } from './cuda-words.js';

/** ONNX Runtime 1.30 opens it only when a model first needs it. */
const CUDNN = 'libcudnn.so.9';

/**
 * Tries to load what CUDA needs, which ONNX Runtime does too but says nothing of: null when all is there. For a process that was
 * started with the environment of `findCudaLibraries`.
 */
export function checkCuda(provider: string, folders: readonly string[]): CudaProblem | null {
  const names = folders.flatMap(namesIn);
  for (const library of ['libcuda.so.1', provider, CUDNN]) {
    const problem = explainLoading(load(library), names);
    if (problem !== null) return problem;
  }
  return null;
}

/** What the linker says: of a library that loads, that it is no module of Node.js. */
function load(library: string): string {
  try {
    process.dlopen({ exports: {} }, library);
    return 'did not self-register';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
