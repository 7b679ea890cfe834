import { setTimeout as wait } from 'node:timers/promises';
import { tellFrames } from './frame-accounts.js';
import { quantile, readScored } from './frame-logs.js';
import { residentMiB } from './processes.js';
import { type Rig, watch } from './rig.js';
import { scrape, sum } from './scrape.js';
import { atMost, heading, mean, range, row } from './table.js';

/** More than the machine can score, of the 15 a camera sends. */
const SATURATING_FPS = 14;
const CAPACITY_SECONDS = 30;
/** Frames of a stream that may wait. */
const WAITING = 1;
const SETTLE_MS = 5000;
const MINUTE_MS = 60_000;
const UNEVENNESS_AIM = 10;
const AGE_AIM_MS = 500;

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
  const { service } = watching;
  await wait(SETTLE_MS);
  const before = await scrape(service.address);
  const fromMs = Date.now();
  const memory: { atMs: number; mib: number }[] = [];
  for (const endMs = fromMs + seconds * 1000; Date.now() < endMs; await wait(1000))
    memory.push({ atMs: Date.now(), mib: residentMiB(service.pid) });
  const toMs = Date.now();
  const after = await scrape(service.address);
  const each = (name: string) =>
    streams.map((id) => {
      const gained = sum(after, name, `stream="${id}"`) - sum(before, name, `stream="${id}"`);
      return (gained * 1000) / (toMs - fromMs);
    });
  const dropped = each('frames_dropped_total');
  row('offered frames/s of each stream', range(each('frames_received_total')));
  row('scored frames/s of each stream', range(each('frames_inferred_total')));
  const unevenness = (100 * (Math.max(...dropped) - Math.min(...dropped))) / mean(dropped);
  row('dropped frames/s of each stream', range(dropped));
  row(
    '  most to least dropped, of the mean',
    `${unevenness.toFixed(1)} %`,
    atMost(unevenness, UNEVENNESS_AIM, '%'),
  );
  const frames = readScored(watching.frames);
  const agesIn = (start: number, end: number) =>
    frames
      .filter(({ arrivalMs }) => arrivalMs >= start && arrivalMs < end)
      .map(({ arrivalMs, scoredMs }) => scoredMs - arrivalMs);
  const limitMs = Math.max(AGE_AIM_MS, Math.round((1500 * streams.length) / capacity));
  const p95 = quantile(agesIn(fromMs, toMs), 0.95);
  row('age from arrival by the pipe to scores, p50', `${quantile(agesIn(fromMs, toMs), 0.5).toFixed(0)} ms`);
  row('  p95', `${p95.toFixed(0)} ms`, atMost(p95, limitMs, 'ms'));
  const ends = [agesIn(fromMs, fromMs + MINUTE_MS), agesIn(toMs - MINUTE_MS, toMs)];
  row(
    '  p95 in the first and in the last minute',
    `${ends.map((ages) => quantile(ages, 0.95).toFixed(0)).join(', ')} ms`,
  );
  const first = memory.filter(({ atMs }) => atMs < fromMs + MINUTE_MS).map(({ mib }) => mib);
  const last = memory.filter(({ atMs }) => atMs >= toMs - MINUTE_MS).map(({ mib }) => mib);
  row(
    'memory of the main process in the first and in the last minute',
    `${mean(first).toFixed(0)}, ${mean(last).toFixed(0)} MiB`,
  );
  await watching.stop();
  tellFrames(watching, streams, WAITING);
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
