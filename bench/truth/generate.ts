import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { findFfmpeg } from '../../src/ingest/ffmpeg-build.js';
import { dataFolder, readLabels, readPhotos } from './photos.js';
import { type ClipPlan, planClips } from './plan.js';
import { renderClip } from './render.js';

export interface GenerateOptions {
  /** Of each set. */
  readonly clips: number;
  readonly seed: number;
  /** A clip lasts this long at least. */
  readonly seconds: number;
  /** No shot lasts longer. */
  readonly longest: number;
  readonly out: string;
}

/** Renders the dev and the test clips, one on each core at a time. Throws ConfigError without the labelled photos. */
export async function generate({ out, ...rest }: GenerateOptions): Promise<void> {
  const data = dataFolder(process.env);
  const photos = readPhotos(data);
  const labels = readLabels();
  const build = await findFfmpeg(null, process.env);
  mkdirSync(out, { recursive: true });
  const plans = (['dev', 'test'] as const).flatMap((set) => planClips(photos, { set, ...rest }));
  process.stdout.write(`${plans.length} clips of seed ${rest.seed} by ffmpeg ${build.version} into ${out}\n`);
  const waiting = plans.values();
  const work = async (): Promise<void> => {
    for (const plan of waiting) {
      const startedMs = performance.now();
      await renderClip(plan, { build, data, out, labels });
      process.stdout.write(`${describe(plan)}; ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

function describe({ name, frames, shots, kbps, grain }: ClipPlan): string {
  return `${name}: ${frames} frames, ${shots.length} shots, ${kbps} kbit/s, grain ${grain}`;
}
