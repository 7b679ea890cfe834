import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConfigError } from '../../src/errors.js';
import { Batcher } from '../../src/infer/batcher.js';
import { type Model, readModel } from '../../src/infer/model.js';
import { openTagger, type TaggerHost } from '../../src/infer/tagger-host.js';
import { type FfmpegBuild, findFfmpeg } from '../../src/ingest/ffmpeg-build.js';
import { openFileSource } from '../../src/ingest/file-source.js';
import { readHeader } from '../../src/ingest/source-header.js';
import { resolveSources, type Source } from '../../src/ingest/sources.js';
import { runStream } from '../../src/pipeline.js';
import type { ScoredFrame } from '../../src/types.js';
import { GAP_TOLERANCE_MS, type TraceHeader } from './trace.js';
import type { Truth } from './truth.js';

/** More than a clip's 25, and no multiple: at 25 rounding puts two frames into some cells, of which one would be lost. */
const EVERY_FRAME = 30;
export const MODEL = 'model/sgfn-nano-coco80';
const QUEUE_CAPACITY = 4;

/** What all clips share. */
export interface Scorer {
  readonly build: FfmpegBuild;
  readonly model: Model;
  readonly tagger: TaggerHost;
}

/** A clip's scored frames, by labelcast's own ingest and tagger. */
export interface Scored {
  readonly frames: readonly ScoredFrame[];
  readonly end: TraceHeader['end'];
}

/**
 * Scores the clips in a folder that have no trace yet by this model: `fps` frames a second, or every frame (null). Throws
 * ConfigError without clips.
 */
export async function makeTraces(folder: string, fps: number | null): Promise<void> {
  const clips = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith('.truth.json'))
    .map((file) => file.replace('.truth.json', ''))
    .sort();
  if (clips.length === 0) {
    const remedy = 'render some first: npm run bench truth -- generate';
    throw new ConfigError(`${folder} holds no clips`, [], { remedy });
  }
  const model = await readModel(MODEL);
  const build = await findFfmpeg(null, process.env);
  await using tagger = await openTagger({ model, device: 'cpu', isForFilesOnly: true });
  for (const [n, name] of clips.entries()) {
    const startedMs = performance.now();
    const isMade = await makeTrace({ folder, name, fps }, { build, model, tagger });
    const took = isMade ? `${((performance.now() - startedMs) / 1000).toFixed(0)} s` : 'there already';
    process.stdout.write(`${n + 1}/${clips.length} ${name}: ${took}\n`);
  }
}

/** `fps`: frames scored a second; null: every frame. */
export interface TraceJob {
  readonly folder: string;
  /** Of the clip, without ending. */
  readonly name: string;
  readonly fps: number | null;
  /** A clip elsewhere, of which the key frames are not told; absent: NAME.mp4 in the folder, with NAME.shots.json. */
  readonly clip?: string;
}

/** Writes NAME.scores, float32 [frames, labels] little-endian, then NAME.trace.json; false when both are there and fit. */
export async function makeTrace(job: TraceJob, scorer: Scorer): Promise<boolean> {
  const { folder, name, fps, clip = join(folder, `${name}.mp4`) } = job;
  const clipSha256 = createHash('sha256').update(readFileSync(clip)).digest('hex');
  const { name: model, version, sha256, labels } = scorer.model.info;
  const place = { header: join(folder, `${name}.trace.json`), scores: join(folder, `${name}.scores`) };
  if (isMade(place, { clipSha256, sha256, fps })) return false;
  const keyFramesMs = job.clip === undefined ? readKeyFrames(folder, name) : [];
  const { frames, end } = await scoreClip(clip, fps ?? EVERY_FRAME, scorer);
  const header: TraceHeader = {
    clip: basename(clip),
    clipSha256,
    model: { name: model, version, sha256 },
    labels,
    fps,
    end,
    keyFramesMs,
    ptsMs: frames.map(({ ptsMs }) => ptsMs),
    damaged: frames.flatMap(({ damaged }, n) => (damaged ? [n] : [])),
  };
  const scores = new Float32Array(frames.length * labels.length);
  for (const [n, frame] of frames.entries()) scores.set(frame.scores, n * labels.length);
  write(place.scores, new Uint8Array(scores.buffer));
  write(place.header, `${JSON.stringify(header)}\n`);
  return true;
}

function readKeyFrames(folder: string, name: string): readonly number[] {
  return (JSON.parse(readFileSync(join(folder, `${name}.shots.json`), 'utf8')) as Truth).keyFramesMs;
}

/** Runs a clip through the pipeline up to the scores, `fps` frames a second. Throws IngestError and InferError as `labelcast tag` would tell them. */
export async function scoreClip(clip: string, fps: number, scorer: Scorer): Promise<Scored> {
  const { build, model, tagger } = scorer;
  const never = new AbortController().signal;
  const source = await toSource(clip);
  const header = await readHeader(source, build, never);
  const batcher = new Batcher({ tagger, maxBatch: 16, maxDelayMs: 40, capacity: QUEUE_CAPACITY });
  const slots = QUEUE_CAPACITY + tagger.lanes * tagger.fileBatch + 1;
  const options = { source, header, build, input: model.input, fps, slots, resume: null };
  const frames: ScoredFrame[] = [];
  try {
    const end = await runStream(
      {
        source: openFileSource({ ...options, gapToleranceMs: GAP_TOLERANCE_MS }),
        lane: batcher.open(source.streamId, { policy: 'wait' }),
        observer: { observe: (frame) => (frames.push(frame), []), finish: () => [] },
        recorder: { record: async () => {}, finish: async () => {}, pause: async () => {} },
      },
      never,
    );
    return { frames, end: { durationMs: end?.durationMs ?? null, cause: end?.cause ?? null } };
  } finally {
    await batcher.close();
  }
}

/** A clip as `labelcast tag` takes it. Throws IngestError when it cannot be read. */
export async function toSource(clip: string): Promise<Source> {
  const { sources, failures } = await resolveSources([clip], process.cwd());
  const [source] = sources;
  if (source === undefined) throw failures[0]!.error;
  return source;
}

function isMade(
  place: { readonly header: string; readonly scores: string },
  wanted: { readonly clipSha256: string; readonly sha256: string; readonly fps: number | null },
): boolean {
  if (!existsSync(place.header) || !existsSync(place.scores)) return false;
  const held = JSON.parse(readFileSync(place.header, 'utf8')) as TraceHeader;
  const bytes = held.ptsMs.length * held.labels.length * Float32Array.BYTES_PER_ELEMENT;
  const isSame = held.clipSha256 === wanted.clipSha256 && held.model.sha256 === wanted.sha256;
  const isEnough = held.fps === null || held.fps === wanted.fps;
  return isSame && isEnough && statSync(place.scores).size === bytes;
}

/** Whole or not at all. */
function write(file: string, content: string | Uint8Array): void {
  writeFileSync(`${file}.part`, content);
  renameSync(`${file}.part`, file);
}
