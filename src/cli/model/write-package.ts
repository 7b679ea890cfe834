import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Golden, writeGolden } from '../../infer/golden.js';
import type { Manifest } from '../../infer/manifest.js';
import type { Model } from '../../infer/model.js';
import { readFreeBytes, readSize } from '../../publish/disk-room.js';
import { makeFolder } from '../output-folder.js';
import { explainFullDisk } from './full-disk.js';

const CARD = 'README.md';
const MANIFEST = 'manifest.json';
const CHUNK_BYTES = 1 << 20;

interface Parts {
  readonly model: Model;
  readonly manifest: Manifest;
  readonly golden: Golden;
}

/**
 * Writes a package into a folder that is empty or not there, and keeps it when `check` finds it good, to which it resolves. Else,
 * also when something throws or `signal` aborts, nothing of it is left, nor of the folders that were made for it. Throws ConfigError
 * where it does not fit on the disk.
 */
export async function makePackage(
  dir: string,
  parts: Parts,
  check: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  const lacking = findLacking(resolve(dir));
  let isGood = false;
  try {
    await write(dir, parts, signal);
    const isSound = await check();
    signal.throwIfAborted();
    isGood = isSound;
  } finally {
    if (!isGood) await remove(dir, parts, lacking);
  }
  return isGood;
}

/** The folder and those above it that do not exist yet, the innermost first. */
function findLacking(folder: string): string[] {
  return existsSync(folder) ? [] : [folder, ...findLacking(dirname(folder))];
}

async function remove(dir: string, { manifest }: Parts, made: readonly string[]): Promise<void> {
  const data = manifest.files.fp32.data ?? [];
  const paths = [MANIFEST, CARD, manifest.files.fp32.path, 'golden', ...data.map(({ path }) => path)];
  for (const name of new Set(paths.map((path) => path.split('/', 1)[0]!)))
    await rm(join(dir, name), { recursive: true, force: true }).catch(() => {}); // must not hide why it failed
  for (const folder of made) await rmdir(folder).catch(() => {}); // what another has put there stays
}

async function write(dir: string, parts: Parts, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  makeFolder(dir);
  const freeBytes = tryFreeBytes(dir);
  try {
    await fill(dir, parts, signal);
  } catch (error) {
    throw explainFullDisk(error, { dir, neededBytes: sizeOf(parts), freeBytes });
  }
}

/** Some file systems do not tell, which is no reason not to write. */
function tryFreeBytes(dir: string): number | null {
  try {
    return readFreeBytes(dir);
  } catch {
    return null;
  }
}

/** Of the files; the scores of the golden frames, the card and the manifest are small beside them. */
function sizeOf({ model, golden }: Parts): number {
  const files = [model, ...model.data].map(({ file }) => readSize(file));
  return [...files, ...golden.frames.map(({ length }) => length)].reduce((sum, bytes) => sum + bytes, 0);
}

/** The manifest comes last, so that none is half a package. */
async function fill(dir: string, { model, manifest, golden }: Parts, signal: AbortSignal): Promise<void> {
  await copy(model.file, join(dir, manifest.files.fp32.path), signal);
  for (const { file, path } of model.data) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await copy(file, join(dir, path), signal);
  }
  await writeGolden(dir, golden);
  await writeFile(join(dir, CARD), toCard(manifest));
  await writeFile(join(dir, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Byte for byte. Rejects when `signal` aborts, which `copyFile` cannot; nothing is written any more then. */
async function copy(from: string, to: string, signal: AbortSignal): Promise<void> {
  await writeFile(to, createReadStream(from, { highWaterMark: CHUNK_BYTES }), { signal });
}

function toCard({ name, version, licence, input, prelude, labels, smoothing }: Manifest): string {
  const { layout, channels, scale, mean, std, activation } = prelude!;
  return `# ${name} ${version}

A foreign model, imported by \`labelcast model import\`: \`model.onnx\` is the file as it was.

| | |
|---|---|
| licence | ${licence} |
| frames | ${input.width} × ${input.height}, ${input.resize}, ${input.interpolation} |
| floats | ${layout}, ${channels}, (pixel × ${scale} − mean) ÷ std; mean ${mean.join(', ')}; std ${std.join(', ')} |
| scores | of ${labels.length} labels, activation ${activation} |
| thresholds | enter ${smoothing.enter}, exit ${smoothing.exit} |
| golden frames | pictures of scikit-image (public domain or CC0), with the scores that this model gave them at import |

Neither the ONNX file nor the import says what the model was trained on, how well it scores, or where it fails. State it here and as
\`trainedOn\` and \`metrics\` in \`manifest.json\`, and give each label the thresholds that suit it.
`;
}
