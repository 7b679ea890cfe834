import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaCluster, KafkaOptions } from '../../tests/services/kafka.js';
import { BATCH_EVENTS, type Standing } from '../../tests/services/kafka-copies.js';
import { readInSync, readLeaders } from '../../tests/services/kafka-topic.js';
import type { Toxic, Toxiproxy } from '../../tests/services/toxiproxy.js';
import { until } from '../../tests/until.js';
import type { ReplayLoad } from '../replay/replay-load.js';
import { DATED_BACK_DAYS, upkeep } from './upkeep.js';

/** Where a fault happens. */
export interface Scene {
  readonly load: ReplayLoad;
  readonly kafka: KafkaCluster;
  /** In front of the brokers, where the fault asks for it. */
  readonly proxy: Toxiproxy | null;
  /** How long the fault lasts, at least. */
  readonly seconds: number;
  /** How often labelcast is killed by a fault that is made of that; by others, in which it takes long, less often. */
  readonly kills: number;
}

/** What was done. */
export interface Deed {
  /** Things that may repeat a batch each. */
  readonly faults: number;
  /** Those of them that were a `kill -9` of labelcast. */
  readonly kills?: readonly Standing[];
  /** A copy of the journal from before something was removed from it. */
  readonly backup?: string;
}

/** Something that goes wrong while a load is delivered. */
export interface Fault {
  readonly name: string;
  readonly kafka: KafkaOptions;
  /** In the long form. */
  readonly seconds: number;
  /** What the load commits until then is that old. */
  readonly datedBackDays?: number;
  /** Resolves when it is over, and not before it has shown: events had to wait, unless somebody could take them. */
  act(scene: Scene): Promise<Deed>;
}

/** So many events wait only where something is wrong. */
const SHOWS = BATCH_EVENTS / 2;
/** So many take long enough to be killed meanwhile. */
const BACKLOG = 8 * BATCH_EVENTS;
const KILL_WITHIN_MS = 5000;
/** And as many while it catches up. */
const MOST_KILLS_IN_OUTAGE = 4;
/** Of connections, one after another. */
const SECONDS_PER_RESET = 6;
const BLACK_HOLE: readonly Toxic[] = [
  { type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } },
  { type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } },
];
const DELAY: Toxic = { type: 'latency', stream: 'downstream', attributes: { latency: 2000, jitter: 0 } };
/** So that a backlog is still there when somebody looks who was kept from it for a moment. */
const SLOWNESS: Toxic = { type: 'latency', stream: 'downstream', attributes: { latency: 500, jitter: 0 } };
const RESET: Toxic = { type: 'reset_peer', stream: 'downstream', attributes: { timeout: 0 } };

/** Waits until the fault has lasted for so long and has shown. */
async function hold({ load }: Scene, seconds: number): Promise<void> {
  const endMs = performance.now() + seconds * 1000;
  await load.until(({ pending }) => pending >= SHOWS && performance.now() >= endMs);
}

async function stopBroker({ kafka }: Scene, n: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  await kafka.brokers[n]!.kill(signal);
}

async function startBroker({ kafka }: Scene, n: number): Promise<void> {
  await kafka.brokers[n]!.start();
  await kafka.brokers[n]!.ready();
}

async function killLoad({ load }: Scene, kills: Standing[]): Promise<void> {
  kills.push(await load.kill());
  await load.start();
}

async function breakDown(scene: Scene): Promise<Deed> {
  await stopBroker(scene, 0, 'SIGKILL');
  await hold(scene, scene.seconds);
  await startBroker(scene, 0);
  return { faults: 1 };
}

async function killAtRandom(scene: Scene): Promise<Deed> {
  const kills: Standing[] = [];
  while (kills.length < scene.kills) {
    await wait(randomInt(KILL_WITHIN_MS)); // whatever it does then
    await killLoad(scene, kills);
  }
  return { faults: kills.length, kills };
}

/** Killed while the broker is away, and again and again once it is back and some of what waits has got through. */
async function killInOutage(scene: Scene): Promise<Deed> {
  const { load, seconds } = scene;
  const kills: Standing[] = [];
  const often = Math.min(scene.kills, MOST_KILLS_IN_OUTAGE);
  await stopBroker(scene, 0, 'SIGKILL');
  for (let n = 0; n < often; n++) {
    const { committed } = await load.until(() => true);
    await hold(scene, seconds / often);
    await load.until((now) => now.committed > committed);
    await killLoad(scene, kills);
  }
  await load.until(({ pending }) => pending >= BACKLOG);
  await scene.proxy?.add(SLOWNESS);
  await startBroker(scene, 0);
  for (let n = 0; n < often; n++) {
    const { delivered } = await load.until(() => true);
    const now = await load.until(
      ({ pending, delivered: by }) =>
        by > delivered + BATCH_EVENTS || (by > delivered && pending <= BATCH_EVENTS),
    );
    if (now.pending <= BATCH_EVENTS) break;
    await killLoad(scene, kills);
  }
  await scene.proxy?.clear();
  return { faults: kills.length + 1, kills };
}

async function hang(scene: Scene): Promise<Deed> {
  await scene.kafka.brokers[0]!.kill('SIGSTOP');
  try {
    await hold(scene, scene.seconds);
  } finally {
    await scene.kafka.brokers[0]!.kill('SIGCONT');
  }
  return { faults: 1 };
}

/** The broker that leads most partitions of the labels topic, by its place. */
async function busiest({ kafka, load }: Scene): Promise<number> {
  const leaders = await readLeaders(kafka.bootstrap, `${load.prefix}.labels`);
  const count = (id: number): number => leaders.filter((leader) => leader === id).length;
  const [id] = [...new Set(leaders)].sort((a, b) => count(b) - count(a));
  return id! - 1;
}

/** Over only when everything has got through to those that took its place. */
async function hangLeader(scene: Scene): Promise<Deed> {
  const leader = scene.kafka.brokers[await busiest(scene)]!;
  await leader.kill('SIGSTOP');
  try {
    const { committed } = await scene.load.until(({ pending }) => pending >= SHOWS);
    await scene.load.until(({ delivered, pending }) => delivered > committed && pending <= BATCH_EVENTS);
    await holdOn(scene);
  } finally {
    await leader.kill('SIGCONT');
  }
  return { faults: 1 };
}

/** Deliveries go on for so long. */
async function holdOn({ load, seconds }: Scene): Promise<void> {
  const endMs = performance.now() + seconds * 1000;
  const { delivered } = await load.until(() => true);
  await load.until((now) => now.delivered > delivered && performance.now() >= endMs);
}

/** One after another is stopped, misses deliveries that go on with the other two, and is started again. */
async function restartEach(scene: Scene): Promise<Deed> {
  const { kafka, load, seconds } = scene;
  const topic = `${load.prefix}.labels`;
  for (const [n, broker] of kafka.brokers.entries()) {
    const others = kafka.bootstrap.filter((address) => address !== broker.address);
    await stopBroker(scene, n, 'SIGTERM');
    await until(
      `broker ${n + 1} leads nothing`,
      async () => !(await readLeaders(others, topic)).includes(n + 1),
    );
    await holdOn({ ...scene, seconds: seconds / kafka.brokers.length });
    await startBroker(scene, n);
    await until(`broker ${n + 1} holds everything`, () => areInSync(kafka, topic));
  }
  return { faults: kafka.brokers.length };
}

async function areInSync({ bootstrap }: KafkaCluster, topic: string): Promise<boolean> {
  const replicas = await readInSync(bootstrap, topic);
  return replicas.every((ids) => ids.length === bootstrap.length);
}

function toxic(toxics: readonly Toxic[]): Fault['act'] {
  return async (scene) => {
    for (const one of toxics) await scene.proxy!.add(one);
    await hold(scene, scene.seconds);
    await scene.proxy!.clear();
    return { faults: 1 };
  };
}

async function reset(scene: Scene): Promise<Deed> {
  const resets = Math.max(2, Math.round(scene.seconds / SECONDS_PER_RESET));
  for (let n = 0; n < resets; n++) {
    await scene.proxy!.add(RESET);
    const { delivered } = await scene.load.until(({ pending }) => pending >= SHOWS);
    await scene.proxy!.clear();
    await scene.load.until((now) => now.delivered > delivered);
    await holdOn({ ...scene, seconds: scene.seconds / resets });
  }
  return { faults: resets };
}

const ONE = {};
const THREE = { nodes: 3 };
const PROXIED = { isProxied: true };
/** A broker goes by the time of records, which is that of their commit, and would remove or compact those that are dated back. */
export const KEEPING = { properties: { 'log.retention.ms': '-1', 'log.roll.hours': '8760' } };

/** By what they are called on the command line. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  clean: { name: 'none', kafka: ONE, seconds: 60, act: (scene) => holdOn(scene).then(() => ({ faults: 0 })) },
  outage: { name: 'broker killed by kill -9', kafka: ONE, seconds: 600, act: breakDown },
  kills: { name: 'labelcast killed by kill -9', kafka: ONE, seconds: 0, act: killAtRandom },
  'outage-kills': { name: 'both', kafka: ONE, seconds: 60, act: killInOutage },
  hang: { name: 'broker hangs (SIGSTOP)', kafka: ONE, seconds: 60, act: hang },
  'leader-hangs': { name: 'leader of three hangs (SIGSTOP)', kafka: THREE, seconds: 60, act: hangLeader },
  rolling: { name: 'three brokers restarted in turn', kafka: THREE, seconds: 60, act: restartEach },
  'black-hole': { name: 'network swallows everything', kafka: PROXIED, seconds: 60, act: toxic(BLACK_HOLE) },
  delay: { name: 'network delays by 2 s', kafka: PROXIED, seconds: 60, act: toxic([DELAY]) },
  resets: { name: 'connections reset', kafka: PROXIED, seconds: 60, act: reset },
  upkeep: {
    name: 'journal backed up and purged',
    kafka: KEEPING,
    seconds: 30,
    datedBackDays: DATED_BACK_DAYS,
    act: async (scene) => {
      const backup = await upkeep(scene.load, () => holdOn(scene));
      return { faults: 0, backup };
    },
  },
};
