import { execFileSync } from 'node:child_process';
import { toJudgedClip } from '../../src/eval/judged-clip.js';
import { toSegmentMetrics } from '../../src/eval/segment-metrics.js';
import { readModel } from '../../src/infer/model.js';
import { openTagger } from '../../src/infer/tagger-host.js';
import { toFilterGraph } from '../../src/ingest/filter-graph.js';
import type { LabelEvent, ModelInput, Pixels, Scores } from '../../src/types.js';
import type { Budget } from './budget.js';
import type { Package } from './packages.js';
import type { Device } from './results.js';
import { notRun, type Run, toTitle } from './run.js';
import { runTag } from './tag-run.js';

/** Of each clip, evenly spread. */
const FRAMES_A_CLIP = 12;

/** Scores and segments of every device and precision against those of fp32 on the CPU. */
export async function compareScores(run: Run, budget: Budget): Promise<void> {
  const references = run.packages.filter(({ precision }) => precision === 'fp32');
  for (const [n, reference] of references.entries()) {
    const share = budget.share(1, references.length - n);
    try {
      await compareWith(run, reference, share);
    } catch (error) {
      notRun(run, `scores: ${toTitle(reference, 'cpu')}, to compare with`, error);
    }
  }
}

async function compareWith(run: Run, reference: Package, budget: Budget): Promise<void> {
  const pairs = run.devices.flatMap((device) =>
    run.packages
      .filter((one) => one.name === reference.name && !(device === 'cpu' && one.precision === 'fp32'))
      .map((one) => ({ device, one })),
  );
  if (pairs.length === 0) return notRun(run, `scores: ${reference.name}`, 'there is only fp32 on the CPU');
  const sides = pairs.length + 1;
  const frames = readFrames(run, reference.manifest.input as ModelInput);
  // the CPU is the slowest: what it scores in its share is what is compared
  const expected = await score(reference, 'cpu', frames, budget.share(1, 2 * sides));
  const isShipped = reference.name === run.packages[0]!.name;
  const truth = isShipped ? await tagAll(run, reference, 'cpu', budget.share(1, sides)) : null;
  for (const [n, { device, one }] of pairs.entries()) {
    try {
      await comparePair(run, { one, device, frames, expected, truth }, budget.share(1, pairs.length - n));
    } catch (error) {
      notRun(run, `scores: ${toTitle(one, device)}`, error);
    }
  }
}

interface Pair {
  readonly one: Package;
  readonly device: Device;
  readonly frames: readonly Pixels[];
  /** Of the first of the frames. */
  readonly expected: readonly Scores[];
  /** Null: not to be compared, or not known. */
  readonly truth: Segments | null;
}

async function comparePair(run: Run, pair: Pair, budget: Budget): Promise<void> {
  const { one, device, frames, expected, truth } = pair;
  if (budget.leftSeconds <= 0) throw new Error('no time was left for it');
  const found = await score(one, device, frames.slice(0, expected.length), budget.share(1, 2));
  const maxDifference = toMaxDifference(expected.slice(0, found.length), found);
  const segments = truth === null ? null : await tagAll(run, one, device, budget);
  const f1At50 = truth === null || segments === null ? null : compareSegments(truth, segments);
  const { name: model, precision } = one;
  run.results.scores.push({
    model,
    precision,
    device,
    frames: found.length,
    maxDifference,
    f1At50,
    segments: truth?.length ?? null,
  });
  const f1 = f1At50?.toFixed(3) ?? '–';
  run.tell(`scores: ${toTitle(one, device)}: at most ${maxDifference.toExponential(1)}, F1@50 ${f1}`);
  run.save();
}

/** The largest difference of two scores of the same frame and label. Throws Error when one side lacks frames. */
export function toMaxDifference(a: readonly Scores[], b: readonly Scores[]): number {
  if (a.length !== b.length || a.length === 0)
    throw new Error(`${b.length} frames were scored, not ${a.length}`);
  return Math.max(
    ...a.map((scores, n) => Math.max(...scores.map((value, at) => Math.abs(value - b[n]![at]!)))),
  );
}

type Segments = readonly LabelEvent['data'][];

/** F1@50 as `labelcast eval` has it, over all streams, the first side taken for right; null: both are empty. */
export function compareSegments(truth: Segments, found: Segments): number | null {
  const streams = [...new Set([...truth, ...found].map(({ streamId }) => streamId))];
  const of = (segments: Segments, streamId: string) =>
    segments
      .filter((segment) => segment.streamId === streamId)
      .map(({ label, startMs, endMs, confirmedMs }) => ({ label, startMs, endMs: endMs!, confirmedMs })); // ended
  const clips = streams.map((streamId) => {
    const [right, other] = [of(truth, streamId), of(found, streamId)];
    const durationMs = Math.max(...[...right, ...other].map(({ endMs }) => endMs));
    const labels = [...new Set([...right, ...other].map(({ label }) => label))];
    const clip = toJudgedClip(
      { durationMs: null, labels: null, segments: right, optional: [] },
      { labels, durationMs },
    );
    return { clip, found: other };
  });
  return toSegmentMetrics(clips).f1.at50;
}

/** Null, and said, when that fails: scores can be compared all the same. */
async function tagAll(run: Run, one: Package, device: Device, budget: Budget): Promise<Segments | null> {
  try {
    const atMostSeconds = budget.leftSeconds;
    return (await runTag(run, one, device, { files: run.clips, atMostSeconds })).segments;
  } catch (error) {
    notRun(run, `segments: ${toTitle(one, device)}`, error);
    return null;
  }
}

/** The scores of the frames, or of the first of them when no time is left; of one at least. */
async function score(
  one: Package,
  device: Device,
  frames: readonly Pixels[],
  budget: Budget,
): Promise<Scores[]> {
  const fileBatch = device === 'cpu' ? 1 : 8;
  await using tagger = await openTagger({
    model: await readModel(one.dir),
    device,
    plan: { batchSizes: [fileBatch], fileBatch },
  });
  const scores: Scores[] = [];
  while (scores.length < frames.length && (scores.length === 0 || budget.leftSeconds > 0)) {
    const batch = frames.slice(scores.length, scores.length + fileBatch);
    for (const found of await tagger.tag(batch, { fixed: true })) {
      if (found instanceof Error) throw found;
      scores.push(found);
    }
  }
  return scores;
}

/** Frames at model size from all over the clips, one of each clip in turn. */
function readFrames(run: Run, input: ModelInput): Pixels[] {
  const ofClips = run.clips.map((clip) => readClipFrames(run, clip, input));
  return Array.from({ length: FRAMES_A_CLIP }, (_, n) => ofClips.flatMap((frames) => frames[n] ?? [])).flat();
}

function readClipFrames({ ffmpeg }: Run, clip: string, input: ModelInput): Pixels[] {
  const graph = toFilterGraph(input, { fps: 2 }, false).replace(',showinfo=checksum=0', '');
  const args = ['-v', 'error', '-nostdin', '-i', clip, '-an', '-vf', graph, '-fps_mode', 'passthrough'];
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
  const bytes = execFileSync(ffmpeg, [...args, '-t', '60', ...raw], { maxBuffer: 2 ** 30 });
  const frameBytes = input.width * input.height * 3;
  const count = Math.floor(bytes.length / frameBytes);
  const every = Math.max(1, Math.floor(count / FRAMES_A_CLIP));
  const numbers = Array.from({ length: Math.min(FRAMES_A_CLIP, count) }, (_, n) => n * every);
  return numbers.map((n) => ({
    bytes: bytes.subarray(n * frameBytes, (n + 1) * frameBytes),
    hash: () => n,
    release: () => {},
  }));
}
