import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type KafkaCluster, startKafka } from '../../tests/services/kafka.js';
import { openRtspServer, type RtspServer } from '../../tests/services/rtsp.js';
import { makeNumberedClip } from './numbered-clip.js';
import { Life } from './life.js';
import { commandOf, childrenOf } from './processes.js';
import { type Sample, scrape, sum } from './scrape.js';
import { type Service, startService } from './service.js';

const ONLINE_LIMIT_MS = 120_000;
const POLL_MS = 250;

/** Cameras and a broker on this machine, for all measurements of a run. */
export interface Rig extends AsyncDisposable {
  readonly streams: readonly string[];
  readonly camera: RtspServer;
  readonly kafka: KafkaCluster;
  /** What the RTSP server sent. */
  readonly sentLog: string;
  readonly folder: string;
}

/** Starts them: one RTSP server with a path, and so a clip running by itself, for each stream. */
export async function openRig(streamCount: number): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'labelcast-bench-'));
  const streams = Array.from({ length: streamCount }, (_, n) => `cam-${n}`);
  const clip = await makeNumberedClip();
  const sentLog = join(folder, 'sent.log');
  const mounts = Object.fromEntries(streams.map((id) => [`/${id}`, clip]));
  const camera = await openRtspServer({ mounts, sentLog });
  const kafka = await startKafka({ properties: { 'log.message.timestamp.type': 'LogAppendTime' } });
  const close = async () => {
    await camera[Symbol.asyncDispose]();
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { streams, camera, kafka, sentLog, folder, [Symbol.asyncDispose]: close };
}

/** A service that watches the rig's cameras, all of them online. */
export interface Watching extends AsyncDisposable {
  readonly service: Service;
  readonly life: Life;
  readonly journal: string;
  /** The file that `watch-frames` writes. */
  readonly frames: string;
  readonly topic: string;
  /** Process ids of the decoders. */
  decoders(): number[];
  /** SIGTERM; resolves at its end. */
  stop(): Promise<void>;
}

export interface WatchOptions {
  readonly name: string;
  readonly streams: readonly string[];
  readonly fps: number;
  /** Frames of a stream that may wait, in place of the service's own choice. */
  readonly capacity?: number;
}

/** Starts a service and resolves when all streams are online; disposing it stops it and waits for its end. */
export async function watch(rig: Rig, { name, streams, fps, capacity }: WatchOptions): Promise<Watching> {
  const file = (ending: string) => join(rig.folder, `${name}.${ending}`);
  const settings = {
    journal: { path: file('db') },
    sampling: { fps },
    http: { port: 0 },
    sinks: [
      { name: 'file', ndjson: { path: file('ndjson') } },
      { name: 'kafka', kafka: { brokers: rig.kafka.bootstrap, topicPrefix: name } },
    ],
    streams: streams.map((id) => ({ id, url: rig.camera.url(`/${id}`) })),
  };
  const env = {
    LABELCAST_BENCH_FRAMES: file('frames'),
    ...(capacity === undefined ? {} : { LABELCAST_BENCH_CAPACITY: String(capacity) }),
  };
  const nodeArgs = ['--import', './dist/bench/watch-frames.js'];
  const service = await startService(settings, { config: file('yaml'), log: file('log') }, { nodeArgs, env });
  const life = new Life(service);
  const stop = () => life.stop('SIGTERM');
  const isOnline = (samples: readonly Sample[]) =>
    sum(samples, 'stream_state', 'state="online"') === streams.length;
  if ((await pollUntil(service, isOnline, ONLINE_LIMIT_MS)) === null) {
    await stop();
    throw new Error('the streams did not come online');
  }
  return {
    service,
    life,
    journal: file('db'),
    frames: file('frames'),
    topic: `${name}.labels`,
    decoders: () => childrenOf(service.pid).filter((pid) => commandOf(pid).includes('rtsp://')),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The first scrape for which it holds; null when that takes too long. */
export async function pollUntil(
  { address }: Service,
  holds: (samples: readonly Sample[]) => boolean,
  limitMs: number,
  everyMs = POLL_MS,
): Promise<readonly Sample[] | null> {
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; await wait(everyMs)) {
    const samples = await scrape(address).catch(() => []); // still starting
    if (holds(samples)) return samples;
  }
  return null;
}
