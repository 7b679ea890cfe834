import { stat } from 'node:fs/promises';
import type { Manifest, Prelude } from '../../infer/manifest.js';
import { readModel } from '../../infer/model.js';
import { toLook } from '../terminal-look.js';
import type { ModelFlags } from './model-flags.js';
import { printRows } from '../rows.js';

/** How many labels are named, of a model that may have thousands. */
const NAMED_LABELS = 20;

/** Prints what a package says of itself; its model file is compared with its sha256. */
export async function inspect(dir: string, flags: ModelFlags, out: NodeJS.WriteStream): Promise<number> {
  const { manifest, file } = await readModel(dir, 'in its place');
  const { size: bytes } = await stat(file);
  if (flags.json) {
    out.write(`${JSON.stringify({ dir, file, bytes, manifest })}\n`);
    return 0;
  }
  const { ellipsis } = toLook(out, process.env).glyphs;
  printRows(toRows(manifest, { bytes, ellipsis }), out);
  return 0;
}

function toSize(bytes: number): string {
  return bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function toRows(
  manifest: Manifest,
  { bytes, ellipsis }: { readonly bytes: number; readonly ellipsis: string },
): (readonly [string, string])[] {
  const { name, version, licence, files, input, prelude, labels, fps, smoothing, trainedOn, metrics } =
    manifest;
  const { width, height, resize, align, pad, interpolation, matrix, range } = input;
  const fit = resize === 'squash' ? 'squashed' : `letterboxed ${align}, padded with ${pad}`;
  return [
    ['name', `${name} ${version}`],
    ['licence', licence],
    ['file', `${files.fp32.path}, ${toSize(bytes)}, sha256 ${files.fp32.sha256}`],
    ['input', `${width}x${height}, ${fit}, ${interpolation}, matrix ${matrix}, range ${range}`],
    ...(prelude === undefined ? [] : [['prelude', toPrelude(prelude)] as const]),
    ['labels', `${labels.length}: ${toNames(labels, ellipsis)}`],
    ['thresholds', toThresholds(manifest)],
    ['frames', `${fps} a second, unless told otherwise`],
    [
      'smoothing',
      `half-life ${smoothing.halfLifeMs} ms, minOn ${smoothing.minOnMs} ms, minOff ${smoothing.minOffMs} ms, gap tolerance ${smoothing.gapToleranceMs} ms`,
    ],
    ['trained on', trainedOn],
    ...metrics.map(
      ({ name: metric, value, set }) =>
        ['metric', `${metric} ${Number(value.toFixed(4))} on ${set}`] as const,
    ),
  ];
}

function toNames(labels: Manifest['labels'], ellipsis: string): string {
  const names = labels.slice(0, NAMED_LABELS).map(({ name }) => name);
  const left = labels.length - names.length;
  return `${names.join(', ')}${left === 0 ? '' : ` ${ellipsis} and ${left} more (--json lists all)`}`;
}

function toPrelude({ input, output, layout, channels, scale, mean, std, activation }: Prelude): string {
  const list = (values: readonly number[]): string => values.join(', ');
  const scores = activation === 'none' ? `${output} as scores` : `${activation} of ${output} as scores`;
  return `${input} is ${layout}, ${channels}, scaled by ${scale}, mean ${list(mean)}, std ${list(std)}; ${scores}`;
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
