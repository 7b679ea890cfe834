import { setTimeout as sleep } from 'node:timers/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { crc32 } from 'node:zlib';
import { processCpuMs, threadCpuMs } from './cpu.js';
import { type ChosenFrame, LANES, toMark, type Way, type WayOptions } from './way.js';

/** One run; CPU in milliseconds a frame. */
export interface Figures {
  readonly framesPerSecond: number;
  readonly mainThread: number;
  readonly mainProcess: number;
  readonly tagger: number;
  readonly cameras: number;
  readonly p99DelayMs: number;
}

const WARM_MS = 1000;

/** Opens a way, keeps two batches in flight on it for a while, and closes it. */
export async function measureWay(
  openWay: (options: WayOptions) => Promise<Way>,
  options: Omit<WayOptions, 'onFrame'>,
  seconds: number,
): Promise<Figures> {
  const waiting: ChosenFrame[] = [];
  const lanes = Array.from({ length: LANES }, (_, n) => n);
  const inFlight = new Set<Promise<void>>();
  let way: Way | null = null;
  let scored = 0;
  const pump = (): void => {
    while (way !== null && lanes.length > 0 && waiting.length >= options.batch) {
      const lane = lanes.pop()!;
      const frames = waiting.splice(0, options.batch);
      const sent = way.tag(lane, frames).then((marks) => {
        check(frames, marks);
        for (const frame of frames) frame.release();
        scored += frames.length;
        lanes.push(lane);
        inFlight.delete(sent);
        pump();
      });
      inFlight.add(sent);
    }
  };
  const onFrame = (frame: ChosenFrame): void => {
    look(frame.bytes);
    waiting.push(frame);
    pump();
  };
  way = await openWay({ ...options, onFrame });
  const opened = way;
  try {
    await sleep(WARM_MS);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const before = { ...usage(opened), scored, ms: performance.now() };
    await sleep(seconds * 1000);
    const after = { ...usage(opened), scored, ms: performance.now() };
    delay.disable();
    const frames = after.scored - before.scored;
    const each = (of: keyof ReturnType<typeof usage>): number => (after[of] - before[of]) / frames;
    return {
      framesPerSecond: (frames / (after.ms - before.ms)) * 1000,
      mainThread: each('mainThread'),
      mainProcess: each('mainProcess'),
      tagger: each('tagger'),
      cameras: each('cameras'),
      p99DelayMs: Math.max(0, delay.percentile(99) / 1e6 - 1),
    };
  } finally {
    way = null; // nothing is sent from here on
    await Promise.all(inFlight);
    await opened[Symbol.asyncDispose]();
  }
}

/** What the main thread reads of each frame whichever way it goes: an eighth of its bytes, for its hash. */
function look(bytes: Uint8Array): void {
  crc32(bytes.subarray(0, bytes.length / 8));
}

function check(frames: readonly ChosenFrame[], marks: Float32Array): void {
  const isRight = frames.every(({ bytes }, n) => toMark(bytes) === marks[n]);
  if (!isRight) throw new Error('the tagger has other pictures than were sent');
}

function usage(way: Way) {
  return {
    mainThread: threadCpuMs(process.pid),
    mainProcess: processCpuMs(process.pid),
    tagger: processCpuMs(way.taggerPid),
    cameras: way.cameraPids().reduce((sum, pid) => sum + processCpuMs(pid), 0),
  };
}
