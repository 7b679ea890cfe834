// Cameras from a real RTSP server (640x360, 15 frames/s, H.264, a key frame each 2 s) through `labelcast serve` to a real
// broker, all on this machine: how late events are, what a stream costs, how soon a fault is noticed and over, and what
// becomes of twice the frames that can be scored. Exit 1 when an aim is missed. Needs what `npm test` installs.
// LABELCAST_BENCH_STREAMS (16), LABELCAST_BENCH_SECONDS (60): of steady watching, LABELCAST_BENCH_OVERLOAD_SECONDS (300).
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { tellFrames } from './live/frame-accounts.js';
import { tellAges, tellLatency } from './live/latency.js';
import { measureOverload } from './live/overload.js';
import { causeOutages, tellReturns } from './live/outages.js';
import { anonymousMiB, residentMiB } from './live/processes.js';
import { openRig, type Rig, watch, type Watching } from './live/rig.js';
import { scrape, sum } from './live/scrape.js';
import { atLeast, atMost, exactly, heading, mean, range, row } from './live/table.js';
import { watchTopic } from './live/topic-watch.js';

const STREAMS = Number(process.env['LABELCAST_BENCH_STREAMS'] ?? 16);
const SECONDS = Number(process.env['LABELCAST_BENCH_SECONDS'] ?? 60);
const OVERLOAD_SECONDS = Number(process.env['LABELCAST_BENCH_OVERLOAD_SECONDS'] ?? 300);
const FPS = 1;
const SETTLE_MS = 5000;
/** Over which memory is averaged, at the same age of each service. */
const MEMORY_FROM_S = 20;
const MEMORY_TO_S = 40;
const STREAM_AIM_MIB = 15;
const DECODER_AIM_MIB = 25;

/** Mean resident memory of the main process, at an age at which it has settled. */
async function measureMemory({ service }: Watching): Promise<number> {
  await wait(MEMORY_FROM_S * 1000);
  const memory: number[] = [];
  for (let second = MEMORY_FROM_S; second < MEMORY_TO_S; second++) {
    memory.push(residentMiB(service.pid));
    await wait(1000);
  }
  return mean(memory);
}

async function measureSteady(rig: Rig, oneMiB: number): Promise<void> {
  const { streams } = rig;
  const watching = await watch(rig, { name: 'steady', streams, fps: FPS });
  const logs = { frames: watching.frames, sent: rig.sentLog };
  const topic = watchTopic(rig.kafka.bootstrap[0]!, watching.topic);
  try {
    heading(`${STREAMS} streams at ${FPS} frame/s, ${SECONDS} s`);
    const { address } = watching.service;
    await wait(SETTLE_MS);
    const before = await scrape(address);
    const fromMs = Date.now();
    const allMiB = await measureMemory(watching);
    await wait(Math.max(0, (SECONDS - MEMORY_TO_S) * 1000));
    const after = await scrape(address);
    const toMs = Date.now();
    const seconds = (toMs - fromMs) / 1000;
    const each = (name: string) =>
      streams.map((id) => {
        const label = `stream="${id}"`;
        return sum(after, name, label) - sum(before, name, label);
      });
    const scored = each('frames_inferred_total');
    // the first and the last may lie just outside
    const due = Math.floor(FPS * seconds) - 1;
    row(
      `scored frames of each stream in ${seconds.toFixed(1)} s`,
      range(scored, 0),
      atLeast(Math.min(...scored), due, 'frames'),
    );
    const dropped = each('frames_dropped_total');
    row('dropped frames of each stream', range(dropped, 0), exactly(Math.max(...dropped), 0));
    tellAges(watching.frames, { fromMs, toMs });
    tellLatency([...topic.events], logs);
    const decoders = watching.decoders().map(anonymousMiB);
    const most = Math.max(...decoders);
    row('decoders', String(decoders.length), exactly(decoders.length, STREAMS));
    row('anonymous memory of a decoder, MiB', range(decoders, 1), atMost(most, DECODER_AIM_MIB, 'MiB'));
    row('memory of the main process, 1 stream and all, MiB', `${oneMiB.toFixed(0)}, ${allMiB.toFixed(0)}`);
    const perStream = (allMiB - oneMiB) / (STREAMS - 1);
    row('  for each more stream, MiB', perStream.toFixed(1), atMost(perStream, STREAM_AIM_MIB, 'MiB'));
    heading('outages, the same service');
    tellReturns(await causeOutages(rig, watching), logs);
    await watching.stop();
    tellFrames(watching, streams);
  } finally {
    await topic.close();
    await watching[Symbol.asyncDispose]();
  }
}

async function measureOne(rig: Rig): Promise<number> {
  await using watching = await watch(rig, { name: 'one', streams: rig.streams.slice(0, 1), fps: FPS });
  return await measureMemory(watching); // not after the service has been stopped
}

process.stdout.write(`${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}\n`);
await using rig = await openRig(STREAMS);
await measureSteady(rig, await measureOne(rig));
await measureOverload(rig, OVERLOAD_SECONDS);
