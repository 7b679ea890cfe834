// Half an hour of `labelcast serve` with real cameras and a real broker while all of them, and the service itself, are
// killed, stopped and silenced in turn; then what it left behind is checked. Exit 1 when a check fails.
// LABELCAST_SOAK_MINUTES: how long (30). Needs what `npm test` installs.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startKafka } from '../tests/services/kafka.js';
import { makeCameraClip, openRtspServer } from '../tests/services/rtsp.js';
import { Life } from './live/life.js';
import { allProcesses, commandOf } from './live/processes.js';
import { sum } from './live/scrape.js';
import { startService } from './live/service.js';
import {
  checkDelivery,
  checkHoles,
  checkLives,
  checkMemory,
  checkSequences,
  type Finding,
  longestWaitMs,
} from './soak/checks.js';
import { type Blindness, planFaults, type Victims } from './soak/faults.js';
import { readRecord } from './soak/record.js';

const MINUTES = Number(process.env['LABELCAST_SOAK_MINUTES'] ?? 30);
const STREAMS_PER_CAMERA = 4;
/** From one fault to the next. */
const SLOT_MS = 40_000;
const RECOVERY_LIMIT_MS = 90_000;
const ORPHAN_LIMIT_MS = 20_000;
const DELIVERY_LIMIT_MS = 60_000;
/** A path that no camera has, asked for all the time. */
const ABSENT = 'absent';

const folder = mkdtempSync(join(tmpdir(), 'labelcast-soak-'));
const beganMs = Date.now();

function say(text: string): void {
  const seconds = Math.round((Date.now() - beganMs) / 1000);
  process.stdout.write(
    `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${text}\n`,
  );
}

async function openCameras() {
  const clip = await makeCameraClip();
  return Promise.all(
    [0, 1].map(async (camera) => {
      const streams = Array.from(
        { length: STREAMS_PER_CAMERA },
        (_, n) => `cam-${camera * STREAMS_PER_CAMERA + n}`,
      );
      const mounts = Object.fromEntries(streams.map((id) => [`/${id}`, clip]));
      return { server: await openRtspServer({ mounts }), streams };
    }),
  );
}

const cameras = await openCameras();
const kafka = await startKafka({});
const lives: Life[] = [];
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  lives.at(-1)?.service.child.kill('SIGKILL');
  for (const { server } of cameras) await server[Symbol.asyncDispose]();
  await kafka.stop();
  if (process.exitCode === 0) rmSync(folder, { recursive: true, force: true });
  else process.stdout.write(`kept for a look: ${folder}\n`);
}

async function soak(): Promise<boolean> {
  const journal = join(folder, 'soak.db');
  const ndjson = join(folder, 'soak.ndjson');
  const ids = cameras.flatMap(({ streams }) => streams);
  const settings = {
    journal: { path: journal },
    sampling: { fps: 1 },
    http: { port: 0 },
    sinks: [
      { name: 'file', ndjson: { path: ndjson } },
      { name: 'kafka', kafka: { brokers: kafka.bootstrap, topicPrefix: 'soak' } },
    ],
    streams: [
      ...cameras.flatMap(({ server, streams }) => streams.map((id) => ({ id, url: server.url(`/${id}`) }))),
      { id: ABSENT, url: cameras[0]!.server.url('/none') },
    ],
  };
  const blindnesses: Blindness[] = [];
  const start = async () => {
    const files = { config: join(folder, 'labelcast.yaml'), log: join(folder, 'labelcast.log') };
    lives.push(new Life(await startService(settings, files)));
  };
  const victims: Victims = {
    cameras,
    broker: kafka.brokers[0]!,
    servicePid: () => lives.at(-1)!.service.pid,
    blind: (blindness) => void blindnesses.push(blindness),
    async restartService(signal, downMs) {
      const fromMs = Date.now();
      await lives.at(-1)!.stop(signal);
      await wait(downMs);
      blindnesses.push({ streams: ids, cause: 'service', fromMs, toMs: Date.now() });
      await start();
    },
  };
  process.stdout.write(
    `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}; ${MINUTES} minutes\n`,
  );
  await start();
  if (!(await isWell(ids, 0))) throw new Error('the streams did not come online');
  say(`${ids.length} streams online`);
  const { slowest, lasting } = await strikeAll(victims, ids);
  await comesTrue(() => pending() === 0, DELIVERY_LIMIT_MS);
  await lives.at(-1)!.stop('SIGTERM');
  const orphans = await findOrphans();
  const topics = ['soak.labels', 'soak.streams'];
  const record = await readRecord(ids, { journal, ndjson, brokers: kafka.bootstrap, topics });
  const findings: Finding[] = [
    ...checkLives(lives, record.streams, settings.streams.length),
    ...checkDelivery(record),
    ...checkSequences(record),
    ...checkHoles(record.streams, blindnesses),
    checkMemory(lives),
    {
      name: 'streams and sinks came back after each fault',
      isGood: lasting.length === 0,
      detail:
        lasting.join('; ') ||
        `at the latest ${(slowest.ms / 1000).toFixed(1)} s after its end (${slowest.name})`,
    },
    { name: 'no process is left', isGood: orphans.length === 0, detail: orphans.join('; ') || 'none' },
    checkAbsent(),
  ];
  process.stdout.write('\n');
  for (const { name, isGood, detail } of findings)
    process.stdout.write(`${isGood ? 'ok  ' : 'FAIL'} ${name.padEnd(66)} ${detail}\n`);
  const waits = record.streams.map((stream) => longestWaitMs(stream, blindnesses));
  process.stdout.write(`\nframes: ${['received', 'inferred', 'dropped', 'failed'].map(total).join(', ')}\n`);
  process.stdout.write(
    `longest time between two frames of a stream that could be seen: ${Math.max(...waits)} ms\n`,
  );
  return findings.every(({ isGood }) => isGood);
}

/** One fault a slot, each with its recovery. */
async function strikeAll(victims: Victims, ids: readonly string[]) {
  let slowest = { name: '', ms: 0 };
  const lasting: string[] = [];
  for (const [n, { name, strike }] of planFaults(Math.floor((MINUTES * 60_000) / SLOT_MS)).entries()) {
    const dueMs = beganMs + (n + 1) * SLOT_MS;
    say(name);
    await strike(victims);
    const mendedMs = Date.now();
    if (!(await isWell(ids, mendedMs))) lasting.push(name);
    const ms = Date.now() - mendedMs;
    if (ms > slowest.ms) slowest = { name, ms };
    const memory = Math.round(lives.at(-1)!.memory.at(-1)?.residentMiB ?? Number.NaN);
    say(`  ${lasting.at(-1) === name ? 'NOT ' : ''}well after ${(ms / 1000).toFixed(1)} s, ${memory} MiB`);
    await wait(Math.max(0, dueMs - Date.now()));
  }
  return { slowest, lasting };
}

/** Whether, soon enough, every stream has a frame of after `sinceMs` scored, and the sinks have everything. */
function isWell(ids: readonly string[], sinceMs: number): Promise<boolean> {
  const isSeen = (id: string) => lastFrameMs(id) > sinceMs && standing(id, 'online');
  return comesTrue(() => ids.every(isSeen) && pending() === 0, RECOVERY_LIMIT_MS);
}

function lastFrameMs(id: string): number {
  return sum(lives.at(-1)!.samples, 'stream_last_frame_timestamp_seconds', `stream="${id}"`) * 1000;
}

function standing(id: string, state: string): boolean {
  return sum(lives.at(-1)!.samples, 'stream_state', `stream="${id}",state="${state}"`) === 1;
}

function pending(): number {
  return sum(lives.at(-1)!.samples, 'journal_pending_events');
}

function total(way: string): string {
  return `${lives.reduce((all, { samples }) => all + sum(samples, `frames_${way}_total`), 0)} ${way}`;
}

/** The stream that is not there is said to be so in every run, and has no frame. */
function checkAbsent(): Finding {
  const label = `stream="${ABSENT}"`;
  const frames = lives.reduce((all, { samples }) => all + sum(samples, 'frames_received_total', label), 0);
  const tries = lives.map(({ samples }) =>
    sum(samples, 'stream_restarts_total', `${label},reason="not-found"`),
  );
  return {
    name: 'the stream with an unknown path is not found',
    isGood: frames === 0 && tries.every((count) => count > 0),
    detail: `${tries.join(', ')} attempts in each run, ${frames} frames`,
  };
}

/** What a run started, or still reads from a camera, after the time that a silent connection takes to be noticed. */
async function findOrphans(): Promise<string[]> {
  const started = new Set(lives.flatMap(({ children }) => [...children]));
  const places = cameras.map(({ server }) => `127.0.0.1:${server.port}/`);
  const find = () =>
    allProcesses().filter(
      (pid) => started.has(pid) || places.some((place) => commandOf(pid).includes(place)),
    );
  await comesTrue(() => find().length === 0, ORPHAN_LIMIT_MS);
  return find().map((pid) => `${pid} ${commandOf(pid).slice(0, 80)}`);
}

async function comesTrue(holds: () => boolean, limitMs: number): Promise<boolean> {
  const endMs = Date.now() + limitMs;
  while (!holds() && Date.now() < endMs) await wait(200);
  return holds();
}
