import { stat } from 'node:fs/promises';
import type { Manifest } from '../../infer/manifest.js';
import { readModel } from '../../infer/model.js';
import { toPrintable } from '../messages.js';
import { toWidth } from '../terminal-look.js';
import { wrap } from '../wrap.js';
import type { ModelFlags } from './model-flags.js';

const KEY_WIDTH = 10;
/** Below it a value stands under its key. */
const WIDE = 50;

/** Prints what a package says of itself; its model file is compared with its sha256. */
export async function inspect(dir: string, flags: ModelFlags, out: NodeJS.WriteStream): Promise<number> {
  const { manifest, file } = await readModel(dir);
  const { size: bytes } = await stat(file);
  if (flags.json) {
    out.write(`${JSON.stringify({ dir, file, bytes, manifest })}\n`);
    return 0;
  }
  const width = out.isTTY ? toWidth(out) : Number.MAX_SAFE_INTEGER;
  for (const [key, value] of toRows(manifest, bytes)) {
    const indent = width < WIDE ? 2 : KEY_WIDTH + 2;
    const lines = width === Number.MAX_SAFE_INTEGER ? [value] : wrap(toPrintable(value), width - indent);
    const [first, ...rest] = width < WIDE ? ['', ...lines] : lines;
    out.write(
      `${`${key.padEnd(KEY_WIDTH)}  ${first}`.trimEnd()}\n${rest.map((line) => `${' '.repeat(indent)}${line}\n`).join('')}`,
    );
  }
  return 0;
}

function toRows(manifest: Manifest, bytes: number): (readonly [string, string])[] {
  const { name, version, licence, files, input, labels, fps, smoothing, trainedOn, metrics } = manifest;
  const { width, height, resize, align, pad, interpolation, matrix, range } = input;
  const fit = resize === 'squash' ? 'squashed' : `letterboxed ${align}, padded with ${pad}`;
  return [
    ['name', `${name} ${version}`],
    ['licence', licence],
    ['file', `${files.fp32.path}, ${(bytes / 1e6).toFixed(1)} MB, sha256 ${files.fp32.sha256}`],
    ['input', `${width}x${height}, ${fit}, ${interpolation}, matrix ${matrix}, range ${range}`],
    ['labels', `${labels.length}: ${labels.map((label) => label.name).join(', ')}`],
    ['thresholds', toThresholds(manifest)],
    ['frames', `${fps} a second, unless told otherwise`],
    [
      'smoothing',
      `half-life ${smoothing.halfLifeMs} ms, minOn ${smoothing.minOnMs} ms, minOff ${smoothing.minOffMs} ms, gap tolerance ${smoothing.gapToleranceMs} ms`,
    ],
    ['trained on', trainedOn],
    ...metrics.map(({ name: metric, value, set }) => ['metric', `${metric} ${value} on ${set}`] as const),
  ];
}

function toThresholds({ labels, smoothing }: Manifest): string {
  const range = (values: readonly number[]): string => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low} to ${high}`;
  };
  const enter = range(labels.map((label) => label.enter ?? smoothing.enter));
  const exit = range(labels.map((label) => label.exit ?? smoothing.exit));
  return `enter ${enter}, exit ${exit}`;
}
