import '../publish/disposal.js';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ConfigError } from '../../../src/errors.js';
import { readModel } from '../../../src/infer/model.js';
import { openTagger } from '../../../src/infer/tagger-host.js';
import { TinyPackage } from './tiny-package.js';

const OWN = `node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}`;
const PROVIDER = 'libonnxruntime_providers_cuda.so';
const INSTALL =
  /^pip install --target DIR 'onnxruntime-gpu\[cuda,cudnn\]==1\.\d+\.\d+' and set LABELCAST_ORT_LIBS=DIR/;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-cuda-'));
});
afterEach(() => {
  delete process.env['LABELCAST_ORT_LIBS'];
  rmSync(folder, { recursive: true });
});

/** A shared library that calls `uses` and needs `needs`, which lie in the folder. */
function compile(
  name: string,
  { uses = [], needs = [], at = '.' }: { uses?: string[]; needs?: string[]; at?: string } = {},
) {
  mkdirSync(join(folder, at), { recursive: true });
  const source = join(folder, 'source.c');
  const calls = uses.map((symbol) => `extern int ${symbol}(void);`).join('');
  const body = uses.map((symbol) => `+ ${symbol}()`).join('');
  writeFileSync(source, `${calls} int of_${name.replace(/\W/g, '_')}(void) { return 0 ${body}; }`);
  const options = ['-shared', '-fPIC', '-Wl,-z,now', `-Wl,-soname,${name}`, '-Wl,--no-as-needed'];
  execFileSync('gcc', [
    ...options,
    '-o',
    join(folder, at, name),
    source,
    ...needs.map((one) => join(folder, one)),
  ]);
}

/** A folder as pip makes it, with the runtime of the npm package in place of that of the wheel. */
function likeSitePackages(provider: Parameters<typeof compile>[1] = {}): void {
  mkdirSync(join(folder, 'onnxruntime/capi'), { recursive: true });
  copyFileSync(join(OWN, 'libonnxruntime.so.1'), join(folder, 'onnxruntime/capi/libonnxruntime.so.1'));
  compile(PROVIDER, { ...provider, at: 'onnxruntime/capi' });
}

async function refusal(libraries?: string): Promise<ConfigError> {
  if (libraries !== undefined) process.env['LABELCAST_ORT_LIBS'] = libraries;
  const tiny = new TinyPackage('tiny');
  try {
    await using _tagger = await openTagger({ model: await readModel(tiny.dir), device: 'cuda' });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  } finally {
    tiny.remove();
  }
  throw new Error('it was opened');
}

test('no driver', async () => {
  const { message, remedy } = await refusal();
  expect(message).toBe(
    'the device cuda cannot be used here: there is no NVIDIA driver: libcuda.so.1 is not found',
  );
  expect(remedy).toMatch(/^install NVIDIA's driver, start a container with --gpus all, or use --device cpu/);
});

test('a driver, and no provider', async () => {
  compile('libcuda.so.1');
  expect(readdirSync(OWN)).not.toContain(PROVIDER);
  const { message } = await refusal(folder);
  expect(message).toMatch(/LABELCAST_ORT_LIBS holds no libonnxruntime_providers_cuda\.so: /);
});

test('a driver that is too old', async () => {
  compile('libcuda.so.1');
  likeSitePackages({ uses: ['cuTensorMapEncodeTiled'], needs: ['libcuda.so.1'] });
  const { message, remedy } = await refusal(folder);
  expect(message).toContain("NVIDIA's driver is too old for the CUDA that ONNX Runtime uses");
  expect(remedy).toMatch(/^update the driver/);
});

test('CUDA of another major', async () => {
  for (const name of ['libcuda.so.1', 'libcublasLt.so.13']) compile(name);
  likeSitePackages({ needs: ['libcuda.so.1', 'libcublasLt.so.13'] });
  rmSync(join(folder, 'libcublasLt.so.13'));
  compile('libcublasLt.so.12', { at: 'nvidia/cublas/lib' });
  const { message, remedy } = await refusal(folder);
  expect(message).toContain('libcublasLt.so.13 of CUDA 13 is not found, only libcublasLt.so.12');
  expect(remedy).toMatch(INSTALL);
});

test('no cuDNN', async () => {
  compile('libcuda.so.1');
  likeSitePackages({ needs: ['libcuda.so.1'] });
  const { message, remedy } = await refusal(folder);
  expect(message).toContain('libcudnn.so.9 of cuDNN 9 is not found');
  expect(remedy).toMatch(INSTALL);
});

test('all libraries, found where pip puts them, and a provider that is none', async () => {
  for (const name of ['libcuda.so.1', 'libcudnn.so.9']) compile(name, { at: 'nvidia/some/lib' });
  likeSitePackages();
  const { message } = await refusal(folder);
  expect(message).toMatch(
    /^the device cuda cannot be used here: ONNX Runtime cannot open .*Failed to load shared library/,
  );
});

test('another ONNX Runtime, or none beside the provider', async () => {
  writeFileSync(join(folder, PROVIDER), '');
  expect((await refusal(folder)).message).toBe(
    `there is no libonnxruntime.so beside ${join(folder, PROVIDER)}`,
  );
  writeFileSync(join(folder, 'libonnxruntime.so.1.27.0'), 'ELF… VERS_1.27.0 …');
  const { message, remedy } = await refusal(folder);
  expect(message).toMatch(
    /libonnxruntime\.so\.1\.27\.0 is ONNX Runtime 1\.27\.0, and labelcast uses 1\.\d+\.\d+$/,
  );
  expect(remedy).toMatch(INSTALL);
});
