import { join } from 'node:path';
import { readModel } from '../../src/infer/model.js';
import { StaticGate } from '../../src/infer/static-gate.js';
import { findFfmpeg } from '../../src/ingest/ffmpeg-build.js';
import { openFileSource } from '../../src/ingest/file-source.js';
import { readHeader } from '../../src/ingest/source-header.js';
import type { ModelInput } from '../../src/types.js';
import { GAP_TOLERANCE_MS, type Trace } from '../truth/trace.js';
import { MODEL, toSource } from '../truth/traces.js';
import type { LabClip } from './lab.js';

/** Clips as the static gate leaves them, and how many of their frames it left out. */
export interface GatedClips {
  readonly clips: LabClip[];
  readonly frames: number;
  readonly skipped: number;
}

/** Shows the clips' pictures, as labelcast reads them, to its static gate: what that leaves out has the scores before it. */
export async function gateClips(folder: string, clips: readonly LabClip[]): Promise<GatedClips> {
  const { input } = await readModel(MODEL);
  const gated: LabClip[] = [];
  let skipped = 0;
  for (const clip of clips) {
    const gate = new StaticGate(input);
    const frames = await gateFrames(join(folder, `${clip.name}.mp4`), clip.trace, { gate, input });
    gated.push({ ...clip, trace: { ...clip.trace, frames } });
    skipped += gate.skipped;
  }
  return { clips: gated, frames: gated.reduce((sum, { trace }) => sum + trace.frames.length, 0), skipped };
}

/** Throws when the clip does not have the frames of its trace. */
async function gateFrames(
  clip: string,
  { fps, frames }: Trace,
  { gate, input }: { readonly gate: StaticGate; readonly input: ModelInput },
): Promise<Trace['frames']> {
  const never = new AbortController().signal;
  const [build, source] = [await findFfmpeg(null, process.env), await toSource(clip)];
  const header = await readHeader(source, build, never);
  const options = { source, header, build, input, fps: fps!, slots: 2, resume: null };
  const gated: Trace['frames'][number][] = [];
  let scores: Float32Array | null = null;
  const pictures = openFileSource({ ...options, gapToleranceMs: GAP_TOLERANCE_MS }).frames(never);
  for await (const picture of pictures) {
    const frame = frames[gated.length];
    if (frame?.ptsMs !== picture.ptsMs)
      throw new Error(`${clip} has a frame at ${picture.ptsMs} ms without scores`);
    if (!gate.isStatic(picture)) ({ scores } = frame);
    picture.pixels.release();
    gated.push({ ...frame, scores: scores! });
  }
  return gated;
}
