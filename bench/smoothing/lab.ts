import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../src/errors.js';
import { type JudgedClip, toJudgedClip } from '../../src/eval/judged-clip.js';
import { type SegmentMetrics, toSegmentMetrics } from '../../src/eval/segment-metrics.js';
import type { Thresholds } from '../../src/types.js';
import { readTrace, type Trace } from '../truth/trace.js';
import type { Truth } from '../truth/truth.js';
import { type Sighting, type Spread, toDelays, toSightings, toSpread } from '../../src/calibrate/delay.js';
import { toEndDelays } from './end-delay.js';
import type { ToldSegment } from '../../src/calibrate/scored-clip.js';
import type { Settings, Way } from './way.js';

/** A clip of the laboratory: its scores, what is true, and when its labels could be seen. */
export interface LabClip {
  readonly name: string;
  readonly trace: Trace;
  readonly truth: JudgedClip;
  readonly sightings: readonly Sighting[];
}

/**
 * How segments compare with the truth, how long after the model saw a label it was sure, and how long after a label was gone
 * its end was told.
 */
export interface Measured extends SegmentMetrics {
  readonly delay: Spread;
  readonly endDelay: Spread;
}

/** By what clips are read. */
export interface Reading {
  /** Of the model whose scores they must be. */
  readonly sha256: string;
  readonly thresholds: readonly Thresholds[];
  readonly sample: (trace: Trace) => Trace;
}

/** The clips of a part whose scores are there. Throws ConfigError when there are none, or they are of another model. */
export function readClips(
  folder: string,
  part: 'dev' | 'test',
  { sha256, thresholds, sample }: Reading,
): LabClip[] {
  const names = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.startsWith(part) && file.endsWith('.trace.json'))
    .map((file) => file.replace('.trace.json', ''))
    .sort();
  if (names.length === 0)
    throw new ConfigError(`${folder} holds no scored ${part} clips`, [], {
      remedy: 'npm run bench truth -- generate, then npm run bench truth -- traces',
    });
  return names.map((name) => {
    const trace = sample(readTrace(folder, name));
    if (trace.modelSha256 !== sha256)
      throw new ConfigError(`the scores of ${name} in ${folder} are another model's`, [], {
        remedy: 'npm run bench truth -- traces',
      });
    const told = JSON.parse(readFileSync(join(folder, `${name}.truth.json`), 'utf8')) as Truth;
    const truth = toJudgedClip(told, { labels: trace.labels, durationMs: told.durationMs });
    return { name, trace, truth, sightings: toSightings({ trace, truth }, thresholds) };
  });
}

/** How many frames a second the traces of test clips hold; null: every frame. */
export function readTracedRate(folder: string): number | null {
  const file = readdirSync(folder).find((name) => name.startsWith('test') && name.endsWith('.trace.json'))!;
  return readTrace(folder, file.replace('.trace.json', '')).fps;
}

/** What a way finds in each clip. */
export function find(
  way: Way,
  settings: Settings,
  { clips, thresholds }: { readonly clips: readonly LabClip[]; readonly thresholds: readonly Thresholds[] },
): ToldSegment[][] {
  return clips.map(({ trace }) => way.segments(trace, thresholds, settings));
}

export function measure(clips: readonly LabClip[], found: readonly (readonly ToldSegment[])[]): Measured {
  const metrics = toSegmentMetrics(clips.map(({ truth }, n) => ({ clip: truth, found: found[n]! })));
  return {
    ...metrics,
    delay: toSpread(clips.flatMap(({ sightings }, n) => toDelays(sightings, found[n]!))),
    endDelay: toSpread(clips.flatMap(({ truth }, n) => toEndDelays(truth, found[n]!))),
  };
}
