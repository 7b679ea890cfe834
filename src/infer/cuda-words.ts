/** What is wrong with CUDA here, and what to do about it; no remedy: the libraries have to be installed. */
export interface CudaProblem {
  readonly message: string;
  readonly remedy?: string;
}

const ON_CPU = 'or use --device cpu';
const NO_DRIVER: CudaProblem = {
  message: 'there is no NVIDIA driver: libcuda.so.1 is not found',
  remedy: `install NVIDIA's driver, start a container with --gpus all, ${ON_CPU}`,
};

/**
 * What the dynamic linker says of a library (dlopen(3)), in words; null: everything it needs is there. `libraryNames`: the names
 * of the libraries in the folders that were searched.
 */
export function explainLoading(text: string, libraryNames: readonly string[]): CudaProblem | null {
  const missing = /(lib[\w.+-]+): cannot open shared object file/.exec(text)?.[1];
  if (missing === 'libcuda.so.1') return NO_DRIVER;
  if (missing !== undefined) return { message: toMissing(missing, libraryNames) };
  const symbol = /undefined symbol: (cu[A-Z]\w*)/.exec(text)?.[1];
  if (symbol !== undefined) return toOldDriver(`it has no ${symbol}`);
  if (/undefined symbol: Provider_GetHost|did not self-register/.test(text)) return null;
  const damaged = /(\S+): (invalid ELF header|file too short|[^:]*ELF[^:]*)/.exec(text);
  if (damaged !== null) return { message: `${damaged[1]} is no library for this machine: ${damaged[2]}` };
  return { message: `the libraries for CUDA cannot be loaded: ${text}` };
}

/** What the CUDA runtime says (`CUDA failure N: …`, numbers of cudaError_t), in words; null: it says nothing. */
export function explainFailure(text: string): CudaProblem | null {
  const failure = /CUDA failure (\d+): ([^;\n]+)/.exec(text);
  if (failure === null) return null;
  const words = failure[2]!.trim();
  switch (Number(failure[1])) {
    case 35:
    case 803:
      return toOldDriver(words);
    case 100:
      return {
        message: "NVIDIA's driver sees no device",
        remedy: `see what nvidia-smi lists, and CUDA_VISIBLE_DEVICES, ${ON_CPU}`,
      };
    case 101:
      return {
        message: 'there is no device of this number',
        remedy: 'correct model.devices: nvidia-smi -L lists them, the first is 0',
      };
    default:
      return {
        message: `CUDA failure ${failure[1]}: ${words}`,
        remedy: `see what nvidia-smi says of the device, ${ON_CPU}`,
      };
  }
}

/** Whether a run failed because the device is gone, or answers no more until the process is another one. */
export function isDeviceLost(text: string): boolean {
  const failure = /CUDA failure (\d+)/.exec(text)?.[1];
  if (failure !== undefined) return failure !== '2'; // of memory there may be enough for a smaller batch
  return /device (was |is )?lost|DeviceLost|CUDNN_STATUS_(INTERNAL|EXECUTION)|CUBLAS_STATUS_(INTERNAL|EXECUTION)/i.test(
    text,
  );
}

function toOldDriver(why: string): CudaProblem {
  return {
    message: `NVIDIA's driver is too old for the CUDA that ONNX Runtime uses: ${why}`,
    remedy: `update the driver (CUDA 13 needs 580 or newer, CUDA 12 525), ${ON_CPU}`,
  };
}

/** Of which CUDA or cuDNN a library is missing, and which other is there. */
function toMissing(library: string, libraryNames: readonly string[]): string {
  const [stem = library, major = ''] = library.split('.so.');
  const others = libraryNames.filter((name) => name.startsWith(`${stem}.so.`) && name !== library);
  const whose = toWhose(stem, major);
  const message = `${library}${whose === null ? '' : ` of ${whose}`} is not found`;
  return others.length === 0 ? message : `${message}, only ${others.join(', ')}`;
}

function toWhose(stem: string, major: string): string | null {
  if (stem.startsWith('libcudnn')) return `cuDNN ${major}`;
  return /^lib(cudart|cublas|cublasLt|nvrtc)$/.test(stem) ? `CUDA ${major}` : null;
}
