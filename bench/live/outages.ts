import { setTimeout as wait } from 'node:timers/promises';
import { quantile, readScored, readSent } from './frame-logs.js';
import { childrenOf, commandOf } from './processes.js';
import { pollUntil, type Rig, type Watching } from './rig.js';
import { type Sample, scrape, sum } from './scrape.js';
import { atMost, exactly, row } from './table.js';

const DETECTION_AIM_S = 10;
const RETURN_AIM_S = 2;
const TAGGER_AIM_S = 3;
const LIMIT_MS = 60_000;
const POLL_MS = 50;

/** When a camera was back, UTC in ms since 1970. */
export interface Returns {
  readonly fromStallMs: number;
  readonly fromDeathMs: number;
}

/** Silences, kills and brings back the cameras, and kills the tagger; prints what the service's metrics tell of it. */
export async function causeOutages(rig: Rig, { service, ...watching }: Watching): Promise<Returns> {
  const count = rig.streams.length;
  const inState = (samples: readonly Sample[], state: string) =>
    sum(samples, 'stream_state', `state="${state}"`);
  const lost = (samples: readonly Sample[], reason: string) =>
    sum(samples, 'stream_restarts_total', `reason="${reason}"`);
  const isAllOnline = (samples: readonly Sample[]) => inState(samples, 'online') === count;
  const expect = async (holds: (samples: readonly Sample[]) => boolean): Promise<number> => {
    if ((await pollUntil(service, holds, LIMIT_MS, POLL_MS)) === null)
      throw new Error('an outage was not noticed, or did not end, within a minute');
    return Date.now();
  };

  const stalledBefore = lost(await scrape(service.address), 'stalled');
  const silentMs = Date.now();
  rig.camera.freeze();
  const gapMs = (await expect((samples) => inState(samples, 'online') === 0)) - silentMs;
  const stalledMs = (await expect((samples) => lost(samples, 'stalled') - stalledBefore >= count)) - silentMs;
  row(
    'server silent → last of the streams no longer online',
    seconds(gapMs),
    atMost(gapMs / 1000, DETECTION_AIM_S, 's'),
  );
  row(
    'server silent → last of the connections given up',
    seconds(stalledMs),
    atMost(stalledMs / 1000, DETECTION_AIM_S, 's'),
  );
  await wait(5000);
  const fromStallMs = Date.now();
  rig.camera.thaw();
  await expect(isAllOnline);

  await wait(5000);
  await rig.camera.kill();
  await wait(10_000);
  const fromDeathMs = Date.now();
  await rig.camera.restart();
  await expect(isAllOnline);

  await wait(5000);
  const before = await scrape(service.address);
  const killedMs = Date.now();
  for (const pid of childrenOf(service.pid).filter((one) => commandOf(one).includes('tagger-process')))
    process.kill(pid, 'SIGKILL');
  await readyIs(service.address, false);
  await readyIs(service.address, true);
  const warmMs = Date.now() - killedMs;
  row('tagger killed → warm again', seconds(warmMs), atMost(warmMs / 1000, TAGGER_AIM_S, 's'));
  await wait(5000);
  const after = await scrape(service.address);
  const restarts = sum(after, 'stream_restarts_total') - sum(before, 'stream_restarts_total');
  row('  connections lost meanwhile', String(restarts), exactly(restarts, 0));
  const online = `${inState(after, 'online')}, ${watching.decoders().length}`;
  row('  streams online then, decoders', online, exactly(online, `${count}, ${count}`));
  return { fromStallMs, fromDeathMs };
}

/** Prints how soon after the first key frame that the server sent again a frame was scored, by the logs of both. */
export function tellReturns(
  { fromStallMs, fromDeathMs }: Returns,
  logs: { frames: string; sent: string },
): void {
  const frames = readScored(logs.frames);
  const keys = readSent(logs.sent).filter(({ isKey }) => isKey);
  const streams = [...new Set(frames.map(({ streamId }) => streamId))];
  const firstScored = (streamId: string, sinceMs: number) =>
    frames.find((frame) => frame.streamId === streamId && frame.arrivalMs > sinceMs)?.scoredMs ?? Number.NaN;
  const fromKey = streams.map((streamId) => {
    const key = keys.find((sent) => sent.streamId === streamId && sent.sentMs > fromDeathMs);
    return firstScored(streamId, fromDeathMs) - (key?.sentMs ?? Number.NaN);
  });
  const worst = Math.max(...fromKey);
  row(
    'server back: first key frame sent → scored, p50, max',
    `${seconds(quantile(fromKey, 0.5))}, ${seconds(worst)}`,
    atMost(worst / 1000, RETURN_AIM_S, 's'),
  );
  for (const [what, sinceMs] of [
    ['server started again → scored, p50, max', fromDeathMs],
    ['silent server goes on → scored, p50, max', fromStallMs],
  ] as const) {
    const waits = streams.map((streamId) => firstScored(streamId, sinceMs) - sinceMs);
    row(`  ${what}`, `${seconds(quantile(waits, 0.5))}, ${seconds(Math.max(...waits))}`);
  }
}

async function readyIs(address: string, wanted: boolean): Promise<void> {
  for (const endMs = Date.now() + LIMIT_MS; Date.now() < endMs; await wait(10))
    if ((await fetch(`${address}/readyz`)).ok === wanted) return;
  throw new Error(`the service did not become ${wanted ? 'ready' : 'unready'} within a minute`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
