// Label updates per second of the smoother, its cost against a loop that does nothing but the moving average, and the memory
// that a frame takes while nothing changes.
import { bytesPerCall } from './smoother/allocation.js';
import { Track } from '../src/infer/track.js';
import type { ScoredFrame } from '../src/types.js';

const LABELS = 80;
const FRAMES = 20_000;
const ROUNDS = 7;
const STEP_MS = 200;
const HALF_LIFE_MS = 400;

const frames = Array.from({ length: FRAMES }, (_, n) => toFrame(n));

/** Scores that drift, so that labels come and go: about one transition in 50 frames. */
function toFrame(n: number): ScoredFrame {
  const scores = Float32Array.from({ length: LABELS }, (_, label) => {
    const wave = Math.sin(n / (150 + 7 * label) + label);
    return wave > 0.8 ? 0.85 : 0.03 + 0.02 * Math.abs(wave);
  });
  return { ptsMs: n * STEP_MS, damaged: false, scores, hash: 0 };
}

function createTrack(): Track {
  const smoothing = { halfLifeMs: HALF_LIFE_MS, minOnMs: 400, minOffMs: 1000, gapToleranceMs: 3000 };
  const thresholds = Array.from({ length: LABELS }, () => ({ enter: 0.55, exit: 0.38 }));
  return new Track({
    kind: 'file',
    fps: 1000 / STEP_MS,
    smoothing: { ...smoothing, thresholds },
    labelCount: LABELS,
  });
}

function smooth(): number {
  const track = createTrack();
  let transitions = 0;
  for (const frame of frames) transitions += track.observe(frame).length;
  return transitions + track.finish({ durationMs: null, cause: null }).length;
}

/** Half of the labels on, half off. */
function createSteady(): () => void {
  const track = createTrack();
  const scores = Float32Array.from({ length: LABELS }, (_, label) => (label % 2 === 0 ? 0.9 : 0.05));
  const frame = { ptsMs: 0, damaged: false, scores, hash: 0 };
  const take = (): void => {
    track.observe(frame);
    frame.ptsMs += STEP_MS;
  };
  for (let n = 0; n < 3 * FRAMES; n++) take();
  return take;
}

function averageOnly(): number {
  const smoothed = new Float64Array(LABELS);
  for (const { scores } of frames) {
    const gain = 1 - 2 ** (-STEP_MS / HALF_LIFE_MS);
    for (let label = 0; label < LABELS; label++) {
      smoothed[label]! += gain * (scores[label]! - smoothed[label]!);
    }
  }
  return smoothed[0]!;
}

/** Best of several rounds, in updates per second: the others were disturbed. */
function updatesPerSecond(run: () => number): number {
  const seconds = Array.from({ length: ROUNDS }, () => {
    const from = process.hrtime.bigint();
    run();
    return Number(process.hrtime.bigint() - from) / 1e9;
  });
  return (FRAMES * LABELS) / Math.min(...seconds);
}

const own = updatesPerSecond(smooth);
const bare = updatesPerSecond(averageOnly);
const millions = (rate: number): string => (rate / 1e6).toFixed(1);
process.stdout.write(
  `smoother: ${millions(own)} million label updates/s (${LABELS} labels, ${smooth()} transitions in ${FRAMES} frames); ` +
    `the moving average alone: ${millions(bare)}; ratio ${(own / bare).toFixed(2)}; ` +
    `${bytesPerCall(createSteady())} bytes a frame while nothing changes\n`,
);
