import { setTimeout as wait } from 'node:timers/promises';
import { tellFrames } from './frame-accounts.js';
import { quantile, readScored } from './frame-logs.js';
import type { Span } from './latency.js';
import { type Rig, watch, type Watching } from './rig.js';
import { scrape, sum } from './scrape.js';
import { atLeast, atMost, heading, mean, range, row } from './table.js';

/** More than the machine can score, of the 15 a camera sends. */
const SATURATING_FPS = 14;
const CAPACITY_SECONDS = 30;
const SETTLE_MS = 5000;
const MINUTE_MS = 60_000;
/** Frames of a stream that may wait. */
const WAITING = 1;
/** Of what is asked for. */
const OFFERED_AIM = 0.95;
const UNEVENNESS_AIM = 10;
const AGE_AIM_MS = 500;
const SECONDS_AIM = 300;
/** From the first to the last minute. */
const GROWTH_AIM = 1.1;

/** Asks for twice what can be scored beside the decoders, for so long, and prints what becomes of it. */
export async function measureOverload(rig: Rig, seconds: number): Promise<void> {
  const { streams } = rig;
  const capacity = await measureCapacity(rig);
  const fps = Math.round((20 * capacity) / streams.length) / 10;
  heading(
    `overload: ${streams.length} streams at ${fps} frames/s, twice the capacity, ${seconds} s, one frame of each may wait`,
  );
  row('capacity, frames/s', capacity.toFixed(1));
  await using watching = await watch(rig, { name: 'overload', streams, fps, capacity: WAITING });
  await wait(SETTLE_MS);
  const span = await tellRates(watching, { streams, fps, seconds });
  row(
    'overload lasted',
    `${((span.toMs - span.fromMs) / 1000).toFixed(0)} s`,
    atLeast(seconds, SECONDS_AIM, 's'),
  );
  const limitMs = Math.max(AGE_AIM_MS, Math.round((1500 * streams.length) / capacity));
  tellAges(watching.frames, span, limitMs);
  tellMemory(watching, span);
  await watching.stop();
  tellFrames(watching, streams, WAITING);
}

interface Load {
  readonly streams: readonly string[];
  readonly fps: number;
  readonly seconds: number;
}

/** Lets it go on for so long. */
async function tellRates({ service }: Watching, { streams, fps, seconds }: Load): Promise<Span> {
  const before = await scrape(service.address);
  const fromMs = Date.now();
  await wait(seconds * 1000);
  const toMs = Date.now();
  const after = await scrape(service.address);
  const each = (name: string) =>
    streams.map((id) => {
      const gained = sum(after, name, `stream="${id}"`) - sum(before, name, `stream="${id}"`);
      return (gained * 1000) / (toMs - fromMs);
    });
  const offered = each('frames_received_total');
  const least = Number((OFFERED_AIM * fps).toFixed(2));
  row('offered frames/s of each stream', range(offered), atLeast(Math.min(...offered), least, 'frames/s'));
  row('scored frames/s of each stream', range(each('frames_inferred_total')));
  const dropped = each('frames_dropped_total');
  row('dropped frames/s of each stream', range(dropped));
  const unevenness = (100 * (Math.max(...dropped) - Math.min(...dropped))) / mean(dropped);
  row(
    '  most to least dropped, of the mean',
    `${unevenness.toFixed(1)} %`,
    atMost(unevenness, UNEVENNESS_AIM, '%'),
  );
  return { fromMs, toMs };
}

function tellAges(framesLog: string, { fromMs, toMs }: Span, limitMs: number): void {
  const frames = readScored(framesLog);
  const ageIn = (start: number, end: number, q: number) =>
    quantile(
      frames
        .filter(({ arrivalMs }) => arrivalMs >= start && arrivalMs < end)
        .map(({ arrivalMs, scoredMs }) => scoredMs - arrivalMs),
      q,
    );
  const p95 = ageIn(fromMs, toMs, 0.95);
  row('age from arrival by the pipe to scores, p50', `${ageIn(fromMs, toMs, 0.5).toFixed(0)} ms`);
  row('  p95', `${p95.toFixed(0)} ms`, atMost(p95, limitMs, 'ms'));
  const first = ageIn(fromMs, fromMs + MINUTE_MS, 0.95);
  tellGrowth('  p95 in the first and in the last minute', [first, ageIn(toMs - MINUTE_MS, toMs, 0.95)], 'ms');
}

function tellMemory({ life }: Watching, { fromMs, toMs }: Span): void {
  const meanIn = (start: number, end: number) =>
    mean(life.memory.filter(({ atMs }) => atMs >= start && atMs < end).map((one) => one.residentMiB));
  const ends = [meanIn(fromMs, fromMs + MINUTE_MS), meanIn(toMs - MINUTE_MS, toMs)] as const;
  tellGrowth('memory of the main process in the first and in the last minute', ends, 'MiB');
}

function tellGrowth(name: string, [first, last]: readonly [number, number], unit: string): void {
  row(
    name,
    `${first.toFixed(0)}, ${last.toFixed(0)} ${unit}`,
    atMost(last, Math.round(GROWTH_AIM * first), unit),
  );
}

/** Frames scored a second while more are offered. */
async function measureCapacity(rig: Rig): Promise<number> {
  const { streams } = rig;
  await using watching = await watch(rig, {
    name: 'capacity',
    streams,
    fps: SATURATING_FPS,
    capacity: WAITING,
  });
  const { address } = watching.service;
  await wait(SETTLE_MS);
  const before = sum(await scrape(address), 'frames_inferred_total');
  const fromMs = performance.now();
  await wait(CAPACITY_SECONDS * 1000);
  const scored = sum(await scrape(address), 'frames_inferred_total') - before;
  return (scored * 1000) / (performance.now() - fromMs);
}
