import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { loadLimit } from './bars.js';
import type { Budget } from './budget.js';
import { notRun, type Run, toTitle } from './run.js';
import { runTag } from './tag-run.js';

/** Of the budget, planned; the rest is for the start and for what is slower than expected. */
const PLANNED_SHARE = 0.4;
const LONGEST_SECONDS = 30;
/** Expected where neither decoding nor inference was measured. */
const USUAL_RATE = 50;
/** Two files of one content would be tagged once: each ends a little later than the one before. */
const STEP_SECONDS = 0.5;

/** `labelcast tag` of many files at once: the shipped model, each device and precision. */
export async function measureFiles(run: Run, budget: Budget): Promise<void> {
  const first = run.packages[0]!.name;
  const pairs = run.devices.flatMap((device) =>
    run.packages.filter(({ name }) => name === first).map((one) => ({ device, one })),
  );
  for (const [n, { device, one }] of pairs.entries()) {
    const share = budget.share(1, pairs.length - n);
    try {
      const seconds = Math.min(LONGEST_SECONDS, run.longestSeconds, share.leftSeconds * PLANNED_SHARE);
      if (share.leftSeconds <= 0) throw new Error('no time was left for it');
      const frames = (loadLimit(run.results, device) ?? USUAL_RATE) * seconds;
      const files = makeFiles(run, { count: fileCount(), mediaSeconds: frames / run.fps });
      const tagged = await runTag(run, one, device, { files, atMostSeconds: share.leftSeconds + 10 });
      const framesPerSecond = tagged.frames / tagged.seconds;
      const { name: model, precision } = one;
      const { frames: scored, startSeconds } = tagged;
      run.results.files.push({
        model,
        precision,
        device,
        files: files.length,
        frames: scored,
        framesPerSecond,
        startSeconds,
      });
      run.tell(`files: ${toTitle(one, device)}: ${framesPerSecond.toFixed(1)} frames/s of ${scored} frames`);
      run.save();
    } catch (error) {
      notRun(run, `files: ${toTitle(one, device)}`, error);
    }
  }
}

/** Decoders enough for all cores to be busy until near the end. */
function fileCount(): number {
  return Math.min(64, Math.max(4, 2 * availableParallelism()));
}

/** The first clip again and again, without encoding it anew, in files that differ in length and last together as long as said. */
function makeFiles(
  { clips, ffmpeg, folder }: Run,
  { count, mediaSeconds }: { readonly count: number; readonly mediaSeconds: number },
): string[] {
  const clip = clips[0]!;
  return Array.from({ length: count }, (_, n) => {
    const file = join(folder, `file-${n}${extname(clip)}`);
    const seconds = Math.max(2, mediaSeconds / count) + n * STEP_SECONDS;
    const args = ['-v', 'error', '-nostdin', '-stream_loop', '-1', '-i', clip, '-t', seconds.toFixed(2)];
    execFileSync(ffmpeg, [...args, '-map', '0:v:0', '-c', 'copy', '-y', file]);
    if (statSync(file).size === 0) throw new Error(`ffmpeg made nothing of ${clip}`);
    return file;
  });
}
