import { expect, test } from '@jest/globals';
import { explainFailure, explainLoading, isDeviceLost } from '../../../src/infer/cuda-words.js';

const CANNOT = 'cannot open shared object file: No such file or directory';
/** As ONNX Runtime 1.30 throws it. */
const thrown = (failure: string): string =>
  `/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:154 std::conditional_t<THRW, void, Status> CUDA failure ${failure} ; GPU=-1 ; hostname=vm ; file=/onnxruntime_src/cuda_execution_provider.cc ; line=352 ; expr=cudaSetDevice(info_.device_id); \n\n`;

// texts of glibc 2.36
test.each([
  [`libcuda.so.1: ${CANNOT}`, 'there is no NVIDIA driver: libcuda.so.1 is not found'],
  [`libcublasLt.so.13: ${CANNOT}`, 'libcublasLt.so.13 of CUDA 13 is not found, only libcublasLt.so.12'],
  [`libcurand.so.10: ${CANNOT}`, 'libcurand.so.10 is not found'],
  [`libcudnn.so.9: ${CANNOT}`, 'libcudnn.so.9 of cuDNN 9 is not found'],
  [
    `/opt/ort/libonnxruntime_providers_cuda.so: undefined symbol: cuTensorMapEncodeTiled`,
    "NVIDIA's driver is too old for the CUDA that ONNX Runtime uses: it has no cuTensorMapEncodeTiled",
  ],
  [
    '/opt/ort/libonnxruntime_providers_cuda.so: file too short',
    '/opt/ort/libonnxruntime_providers_cuda.so is no library for this machine: file too short',
  ],
  [
    '/opt/ort/libonnxruntime_providers_cuda.so: invalid ELF header',
    '/opt/ort/libonnxruntime_providers_cuda.so is no library for this machine: invalid ELF header',
  ],
])('the linker says %s', (text, message) => {
  expect(explainLoading(text, ['libcublasLt.so.12', 'libcudart.so.12'])).toMatchObject({ message });
});

test('a provider whose libraries are all there only lacks ONNX Runtime itself', () => {
  expect(explainLoading('/opt/ort/libx.so: undefined symbol: Provider_GetHost', [])).toBeNull();
  expect(explainLoading("Module did not self-register: '/opt/ort/libx.so'.", [])).toBeNull();
});

test.each([
  ['35: CUDA driver version is insufficient for CUDA runtime version', /too old.*insufficient/, /driver/],
  ['100: no CUDA-capable device is detected', /sees no device/, /nvidia-smi/],
  ['101: invalid device ordinal', /no device of this number/, /model\.devices/],
  ['719: unspecified launch failure', /CUDA failure 719: unspecified launch failure$/, /nvidia-smi/],
])('CUDA failure %s', (failure, message, remedy) => {
  expect(explainFailure(thrown(failure))).toEqual({
    message: expect.stringMatching(message),
    remedy: expect.stringMatching(remedy),
  });
});

test('what CUDA did not say is not explained', () => {
  expect(explainFailure('Non-zero status code returned while running Conv node')).toBeNull();
});

test('a device is lost when it can run nothing more, not when its memory is short', () => {
  const lost = [
    'CUDA failure 700: an illegal memory access',
    'CUDA failure 46: device busy',
    'GPU device was lost',
  ];
  expect(lost.map(isDeviceLost)).toEqual([true, true, true]);
  const here = [
    'CUDA failure 2: out of memory',
    'Failed to allocate memory for requested buffer',
    'bad frame',
  ];
  expect(here.map(isDeviceLost)).toEqual([false, false, false]);
});
