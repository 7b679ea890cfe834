import { execFileSync } from 'node:child_process';
import type {
  ReportData,
  ReportLabel,
  ReportSegment,
  ReportSource,
  Span,
  Thumbnails,
} from '../../src/report/report-data.js';

/** What a made-up source is like; the same options make the same source. */
export interface SampleOptions {
  readonly seed?: number;
  readonly durationMs?: number;
  /** Its label names. */
  readonly labels?: readonly string[];
  /** In all, dealt out unevenly: the first labels get more. */
  readonly segmentCount?: number;
  readonly gaps?: readonly Span[];
  /** Between scores; none are made without it. */
  readonly scoreStepMs?: number;
}

const EVERYDAY = ['person', 'car', 'dog', 'bicycle', 'truck', 'cat', 'backpack', 'umbrella', 'bench', 'bird'];

/** A source that looks like one: segments that come and go, scores that rise within them. */
export function toSampleSource(
  name: string,
  options: SampleOptions,
  rest: Partial<ReportSource> = {},
): ReportSource {
  const {
    seed = 1,
    durationMs = 60_000,
    labels = EVERYDAY,
    segmentCount = 40,
    gaps = [],
    scoreStepMs,
  } = options;
  const random = toRandom(seed);
  const shares = labels.map((_, n) => 1 / (n + 2));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const scoreCount = scoreStepMs === undefined ? 0 : Math.floor(durationMs / scoreStepMs);
  const made = labels.flatMap((label, n): ReportLabel[] => {
    const count = Math.max(1, Math.round((segmentCount * shares[n]!) / whole));
    const segments = toSegments(count, durationMs, gaps, random);
    const enter = 0.4 + Math.round(random() * 30) / 100;
    const scores = scoreStepMs === undefined ? null : toScores(segments, scoreCount, scoreStepMs, random);
    const exit = Math.round((enter - 0.17) * 100) / 100;
    return segments.length === 0 ? [] : [{ label, enter, exit, segments, scores }];
  });
  return {
    streamId: `${name.replaceAll(/[^A-Za-z0-9._~-]/g, '-')}~${seed.toString(16).padStart(8, '0')}`,
    name,
    kind: 'file',
    video: null,
    durationMs,
    startTime: null,
    state: 'completed',
    failure: null,
    gaps,
    labels: made.sort((a, b) => toTotalMs(b) - toTotalMs(a)),
    thumbnails: null,
    scoreSteps: Array.from({ length: scoreCount }, (_, n) => (n === 0 ? 0 : scoreStepMs!)), // without it there are none
    ...rest,
  };
}

export function toSampleReport(...sources: readonly ReportSource[]): ReportData {
  return {
    version: 1,
    made: '2026-01-05T10:00:00Z',
    generator: 'labelcast 0.1.0',
    model: 'sgfn-nano-coco80 1.2.0',
    sources,
  };
}

/** Thumbnails of a video, `count` of them, made by the system's ffmpeg as a report has them. */
export function makeThumbnails(video: string, durationMs: number, count: number): Thumbnails {
  const [width, height, columns] = [160, 90, 10];
  const stepMs = durationMs / count;
  const filter = `fps=${1000 / stepMs},scale=${width}:${height},tile=${columns}x${Math.ceil(count / columns)}`;
  const args = ['-v', 'error', '-nostdin', '-i', video, '-vf', filter, '-frames:v', '1', '-q:v', '8'];
  const jpeg = execFileSync('ffmpeg', [...args, '-f', 'image2pipe', '-c:v', 'mjpeg', '-']);
  return {
    image: `data:image/jpeg;base64,${jpeg.toString('base64')}`,
    width,
    height,
    columns,
    timesMs: Array.from({ length: count }, (_, n) => Math.round((n + 0.5) * stepMs)),
  };
}

/** They come in bursts, as life does, and never where nothing could be seen. */
function toSegments(
  count: number,
  durationMs: number,
  gaps: readonly Span[],
  random: () => number,
): ReportSegment[] {
  const bursts = Array.from({ length: Math.ceil(count / 12) }, () => random() * durationMs);
  const starts = Array.from({ length: count }, () => {
    const center = bursts[Math.floor(random() * bursts.length)]!;
    return center + (random() + random() - 1) * (durationMs / 12);
  });
  const sorted = starts.filter((ms) => ms >= 0 && ms < durationMs).sort((a, b) => a - b);
  const longestMs = Math.min(durationMs / 4, (durationMs / count) * 1.5);
  return sorted.flatMap((start, n): ReportSegment[] => {
    const startMs = Math.round(start);
    const room = (sorted[n + 1] ?? durationMs) - start;
    const endMs = Math.round(start + Math.min(room * 0.85, longestMs * (0.1 + 0.9 * random() ** 2)));
    const isHidden = gaps.some((gap) => gap.startMs < endMs && startMs < gap.endMs);
    const peak = 0.7 + Math.round(random() * 300) / 1000;
    const mean = Math.round(peak * (600 + random() * 300)) / 1000;
    return isHidden || endMs - startMs < 200 ? [] : [{ startMs, endMs, peak, mean, isOpen: false }];
  });
}

function toScores(
  segments: readonly ReportSegment[],
  count: number,
  stepMs: number,
  random: () => number,
): string {
  const bytes = Buffer.alloc(count);
  let next = 0;
  let score = 0.1;
  for (let n = 0; n < count; n++) {
    const ms = n * stepMs;
    while (next < segments.length && segments[next]!.endMs <= ms) next++;
    const segment = segments[next];
    const holds = segment !== undefined && segment.startMs <= ms;
    score += ((holds ? segment.mean : 0.06) + (random() - 0.5) * 0.3 - score) * 0.5;
    bytes[n] = Math.round(Math.max(0, Math.min(1, score)) * 255);
  }
  return bytes.toString('base64');
}

function toTotalMs({ segments }: ReportLabel): number {
  return segments.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function toRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
