import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Prelude } from '../../../src/infer/manifest.js';
import type { Pixels } from '../../../src/types.js';

/** A folder with one of the tiny models of tests/fixtures/models as a package. */
export class TinyPackage {
  readonly dir = mkdtempSync(join(tmpdir(), 'labelcast-model-'));

  constructor(
    model: 'tiny' | 'moody' | 'floats' | 'crowded' | 'logits' | 'foreign' | 'foreign-nhwc' | 'foreign-data',
    options: { labels?: number; width?: number; prelude?: Prelude; data?: string } = {},
  ) {
    const { sha256 } = this.#take(`${model}.onnx`, 'model.onnx');
    const data = options.data === undefined ? {} : { data: [this.#take(options.data, options.data)] };
    const manifest = {
      schema: 1,
      name: model,
      version: '1.0.0',
      licence: 'Apache-2.0',
      files: { fp32: { path: 'model.onnx', sha256, ...data } },
      input: {
        width: options.width ?? 8,
        height: 8,
        resize: 'letterbox',
        align: 'top-left',
        pad: 114,
        interpolation: 'bilinear',
        matrix: 'auto',
        range: 'full',
      },
      labels: ['red', 'green', 'blue', 'grey'].slice(0, options.labels ?? 3).map((name) => ({ name })),
      fps: 5,
      smoothing: {
        halfLifeMs: 400,
        minOnMs: 400,
        minOffMs: 1000,
        gapToleranceMs: 3000,
        enter: 0.5,
        exit: 0.3,
      },
      ...(options.prelude === undefined ? {} : { prelude: options.prelude }),
      trainedOn: 'nothing',
      metrics: [],
    };
    writeFileSync(join(this.dir, 'manifest.json'), JSON.stringify(manifest));
  }

  #take(name: string, path: string): { readonly path: string; readonly sha256: string } {
    const file = `tests/fixtures/models/${name}`;
    copyFileSync(file, join(this.dir, path));
    return { path, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') };
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}

/** An 8 × 8 frame of one grey; `first` replaces its first bytes. */
export function greyFrame(grey: number, first: string | readonly number[] = []): Pixels {
  const bytes = Buffer.alloc(8 * 8 * 3, grey);
  bytes.set(typeof first === 'string' ? Buffer.from(first) : first);
  return { bytes, hash: () => grey, release: () => {} };
}
