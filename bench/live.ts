// Cameras from a real RTSP server (640x360, 15 frames/s, H.264, a key frame each 2 s) through `labelcast serve`, read from
// its own metrics: the rate at which each stream is scored, the age of frames, memory; then the same with more frames
// asked for than the machine can score, to see how they are dropped. Needs what `npm test` installs.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeCameraClip, openRtspServer } from '../tests/services/rtsp.js';

const STREAMS = Number(process.env['LABELCAST_BENCH_STREAMS'] ?? 16);
const SECONDS = Number(process.env['LABELCAST_BENCH_SECONDS'] ?? 60);
const folder = mkdtempSync(join(tmpdir(), 'labelcast-bench-'));

interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

async function scrape(address: string): Promise<Sample[]> {
  const text = await (await fetch(`${address}/metrics`)).text();
  return [...text.matchAll(/^([a-z_]+)(\{[^}]*\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels,
    value: Number(value),
  }));
}

function sum(samples: readonly Sample[], name: string, label = ''): number {
  return samples
    .filter((sample) => sample.name === `labelcast_${name}` && sample.labels.includes(label))
    .reduce((total, { value }) => total + value, 0);
}

/** The bound of the bucket in which the quantile of what was observed between two scrapes lies, seconds. */
function quantile(before: readonly Sample[], after: readonly Sample[], name: string, q: number): number {
  const counts = (samples: readonly Sample[]) =>
    samples
      .filter((sample) => sample.name === `labelcast_${name}_bucket`)
      .map(({ labels, value }) => ({
        le: Number(/le="([^"]+)"/.exec(labels)![1]!.replace('+Inf', 'Infinity')),
        value,
      }));
  const from = new Map(counts(before).map(({ le, value }) => [le, value]));
  const gained = counts(after).map(({ le, value }) => ({ le, value: value - (from.get(le) ?? 0) }));
  const total = gained.at(-1)?.value ?? 0;
  return gained.find(({ value }) => value >= q * total)?.le ?? Number.NaN;
}

interface Service {
  readonly child: ChildProcess;
  readonly address: string;
}

async function start(url: string, fps: number): Promise<Service> {
  const streams = Array.from({ length: STREAMS }, (_, n) => ({ id: `cam-${n}`, url }));
  const config = join(folder, 'labelcast.yaml');
  const sinks = [{ ndjson: { path: join(folder, `${fps}.ndjson`) } }];
  const journal = { path: join(folder, `${fps}.db`) };
  writeFileSync(config, JSON.stringify({ journal, sinks, streams, sampling: { fps }, http: { port: 0 } })); // JSON is YAML
  const args = [
    '--min-semi-space-size=16',
    'dist/src/cli/main.js',
    'serve',
    '-c',
    config,
    '--log-format',
    'json',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      const address = /"address":"([^"]+)"/.exec(text)?.[1];
      if (address !== undefined) resolve({ child, address });
    });
  });
}

function anonymousMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Anonymous:\s+(\d+) kB/m.exec(text)![1]) / 1024;
}

function ffmpegsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.filter((one) => readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('rtsp'));
}

function line(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(70)}${value}\n`);
}

async function measure(url: string, fps: number, what: string): Promise<number> {
  const { child, address } = await start(url, fps);
  try {
    let samples = await scrape(address);
    const isOn = () => sum(samples, 'stream_state', 'state="online"') === STREAMS;
    for (let tries = 0; !isOn(); tries++) {
      if (tries > 240) throw new Error('the streams did not come online within two minutes');
      await wait(500);
      samples = await scrape(address);
    }
    await wait(5000);
    const before = await scrape(address);
    const startedMs = performance.now();
    await wait(SECONDS * 1000);
    const after = await scrape(address);
    const seconds = (performance.now() - startedMs) / 1000;
    const gained = (name: string, label = '') => sum(after, name, label) - sum(before, name, label);
    const each = (name: string) =>
      Array.from({ length: STREAMS }, (_, n) => gained(name, `stream="cam-${n}"`) / seconds);
    const range = (values: readonly number[]) =>
      `${Math.min(...values).toFixed(2)} – ${Math.max(...values).toFixed(2)}`;
    process.stdout.write(`\n${what}: ${STREAMS} streams at ${fps} frames/s, ${Math.round(seconds)} s\n`);
    line('scored frames/s of each stream', range(each('frames_inferred_total')));
    line('dropped frames/s of each stream', range(each('frames_dropped_total')));
    line('scored frames/s in all', (gained('frames_inferred_total') / seconds).toFixed(1));
    line('age of frames from arrival to scores, p50 and p95, at most s', ages(before, after));
    line(
      'events from commit to sink, p95, at most s',
      String(quantile(before, after, 'event_delivery_seconds', 0.95)),
    );
    const states = ['inferred', 'dropped', 'skipped', 'failed'].map((way) =>
      sum(after, `frames_${way}_total`),
    );
    const rest =
      sum(after, 'frames_received_total') -
      states.reduce((a, b) => a + b, 0) -
      sum(after, 'frames_in_flight');
    line('received - (inferred + dropped + skipped + failed + in flight)', String(rest));
    const memory = ffmpegsOf(child.pid!).map(anonymousMiB);
    line('anonymous memory of the ffmpeg children, MiB', range(memory));
    line('memory of the main process, MiB', (sumRss(after) / 2 ** 20).toFixed(0));
    return gained('frames_inferred_total') / seconds;
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
  }
}

function ages(before: readonly Sample[], after: readonly Sample[]): string {
  return [0.5, 0.95].map((q) => quantile(before, after, 'frame_age_seconds', q)).join(', ');
}

function sumRss(samples: readonly Sample[]): number {
  return samples.find(({ name }) => name === 'process_resident_memory_bytes')?.value ?? Number.NaN;
}

const camera = await openRtspServer({ mounts: { '/cam': await makeCameraClip() } });
try {
  process.stdout.write(`${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}\n`);
  await measure(camera.url('/cam'), 1, 'as asked');
  await measure(camera.url('/cam'), 14, 'overload');
} finally {
  await camera[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}
