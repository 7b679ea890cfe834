import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Sample, scrape, sum } from '../live/scrape.js';
import { quantileBetween, toBuckets } from './ages.js';
import { loadLimit } from './bars.js';
import type { Budget } from './budget.js';
import { type Cameras, openCameras } from './cameras.js';
import type { Package } from './packages.js';
import type { Device, LiveRow } from './results.js';
import { notRun, type Run } from './run.js';
import { lastWords, MAIN } from './tag-run.js';

const LOADS = [50, 80, 100] as const;
const LONGEST_SECONDS = 30;
const SHORTEST_SECONDS = 3;
/** A stream's first second comes at once, and is worked off before anything is measured; of the time that is left, a third at most. */
const SETTLE_SECONDS = 5;
const POLL_MS = 250;

/** `labelcast serve` with so many live streams that they take 50, 80 and 100 % of what a device was measured to do. */
export async function measureLive(run: Run, budget: Budget): Promise<void> {
  const one = run.packages[0]!;
  for (const [n, device] of run.devices.entries()) {
    const share = budget.share(1, run.devices.length - n);
    const best = run.results.files.filter((row) => row.device === device);
    const limit =
      best.length > 0 ? Math.max(...best.map((row) => row.framesPerSecond)) : loadLimit(run.results, device);
    if (limit === null) {
      notRun(
        run,
        `live: on ${device}`,
        'neither files nor the limits of decoding and inference were measured there',
      );
      continue;
    }
    await measureLoads(run, { one, device, limit }, share);
  }
}

interface Subject {
  readonly one: Package;
  readonly device: Device;
  /** Scored frames per second. */
  readonly limit: number;
}

async function measureLoads(run: Run, subject: Subject, budget: Budget): Promise<void> {
  const { device, limit } = subject;
  const fastest = run.packages.filter(({ name }) => name === subject.one.name);
  const one =
    device === 'cuda' ? (fastest.find(({ precision }) => precision === 'fp16') ?? subject.one) : subject.one;
  await using cameras = await openCameras(run.ffmpeg, run.clips.slice(0, 1));
  for (const [n, loadPercent] of LOADS.entries()) {
    const title = `live: ${loadPercent} % on ${device}`;
    const streams = Math.floor((limit * loadPercent) / 100 / run.fps);
    try {
      if (streams < 1)
        throw new Error(`the limit, ${limit.toFixed(1)} frames/s, is less than one stream of ${run.fps}`);
      const share = budget.share(1, LOADS.length - n);
      const row = await measureLoad(run, { ...subject, one }, { cameras, streams, loadPercent }, share);
      run.results.live.push(row);
      run.tell(`${title}: ${streams} streams, p95 ${row.p95Ms?.toFixed(0)} ms, ${row.dropped} dropped`);
      run.save();
    } catch (error) {
      notRun(run, title, error);
    }
  }
}

interface Load {
  readonly cameras: Cameras;
  readonly streams: number;
  readonly loadPercent: number;
}

async function measureLoad(run: Run, { one, device }: Subject, load: Load, budget: Budget): Promise<LiveRow> {
  const { streams, loadPercent, cameras } = load;
  const folder = join(run.folder, `live-${device}-${loadPercent}`);
  mkdirSync(folder);
  const service = await startService(
    run,
    folder,
    {
      journal: { path: join(folder, 'journal.db') },
      model: { path: one.dir, device },
      sampling: { fps: run.fps },
      ffmpeg: { path: run.ffmpeg },
      http: { port: 0 },
      sinks: [],
      streams: Array.from({ length: streams }, (_, n) => ({ id: `camera-${n}`, url: cameras.url(n) })),
    },
    budget.leftSeconds,
  );
  try {
    await pollOnline(service.address, streams, budget);
    await wait(Math.min(SETTLE_SECONDS, budget.leftSeconds / 3) * 1000);
    const seconds = Math.min(LONGEST_SECONDS, run.longestSeconds, budget.leftSeconds);
    if (budget.leftSeconds < SHORTEST_SECONDS)
      throw new Error('no time was left once its streams were online');
    const before = await scrape(service.address);
    const startedMs = performance.now();
    await wait(seconds * 1000);
    const after = await scrape(service.address);
    const grown = (name: string) => sum(after, name) - sum(before, name);
    const age = (q: number) => {
      const value = quantileBetween(
        toBuckets(before, 'frame_age_seconds'),
        toBuckets(after, 'frame_age_seconds'),
        q,
      );
      return value === null ? null : value * 1000;
    };
    return {
      device,
      loadPercent,
      streams,
      fps: run.fps,
      seconds: (performance.now() - startedMs) / 1000,
      scored: grown('frames_inferred_total'),
      dropped: grown('frames_dropped_total'),
      p50Ms: age(0.5),
      p95Ms: age(0.95),
    };
  } finally {
    await stop(service.child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when all streams are; throws Error when that takes more than half of what is left. */
async function pollOnline(address: string, streams: number, budget: Budget): Promise<void> {
  let online = 0;
  for (const half = budget.leftSeconds / 2; budget.leftSeconds > half; await wait(POLL_MS)) {
    const samples: readonly Sample[] = await scrape(address).catch(() => []); // still starting
    online = sum(samples, 'stream_state', 'state="online"');
    if (online === streams) return;
  }
  throw new Error(`${online} of ${streams} streams came online in time`);
}

/** Throws Error, with the end of its log, when it does not listen in time. */
async function startService(
  { ffmpeg }: Run,
  folder: string,
  settings: object,
  atMostSeconds: number,
): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const config = join(folder, 'labelcast.yaml');
  writeFileSync(config, JSON.stringify(settings)); // JSON is YAML
  const args = ['--min-semi-space-size=16', MAIN, 'serve', '-c', config, '--log-format', 'json'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, FFMPEG_PATH: ffmpeg, TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const address = await new Promise<string | null>((resolve) => {
    const late = setTimeout(() => resolve(null), atMostSeconds * 1000);
    child.once('close', () => resolve(null));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-100_000);
      const found = /"address":"([^"]+)"/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
  });
  if (address !== null) return { child, address };
  await stop(child);
  throw new Error(`labelcast serve did not start: ${lastWords(said)}`);
}

/** SIGTERM, and SIGKILL where that is not enough. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await closed;
  clearTimeout(late);
}
