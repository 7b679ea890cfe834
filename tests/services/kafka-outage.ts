import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaCluster } from './kafka.js';
import type { Accounts } from './kafka-accounts.js';
import { attribute, BATCH_EVENTS, type Standing } from './kafka-copies.js';
import { KafkaService, type Progress } from './kafka-service.js';

const CAMERAS = 3;
const LOOK_EVERY_MS = 20;

/** What is done to the broker and to labelcast. */
export interface OutagePlan {
  readonly cameraUrl: string;
  /** Where the services find the broker. */
  readonly brokers: readonly string[];
  /** For journals and configs. */
  readonly folder: string;
  readonly outageSeconds: number;
  /** Spread evenly over the outage. */
  readonly killsInOutage: number;
  /** At most so many, each once the process has delivered more than a batch and has more than one left. */
  readonly killsWhileCatchingUp: number;
}

/** A kill and what it repeated. */
export interface Kill extends Standing {
  readonly moment: 'outage' | 'catching up';
  readonly copies: number;
}

/** How one `labelcast serve` came through. */
export interface Outcome {
  readonly status: number | null;
  readonly accounts: Accounts;
  readonly kills: readonly Kill[];
  /** Copies that no kill explains by the one batch that was under way. */
  readonly unexplained: number;
  readonly peakPending: number;
}

/**
 * Two services deliver to the same broker, which is killed for a while; one of them is killed too, by `kill -9`, and
 * started again on its journal, the other is spared. Counts what is in the topics once both have stopped on request.
 */
export async function outlast(
  cluster: KafkaCluster,
  plan: OutagePlan,
): Promise<{ readonly killed: Outcome; readonly spared: Outcome }> {
  const [killed, spared] = ['killed', 'spared'].map(
    (prefix) => new KafkaService({ prefix, cameras: CAMERAS, ...plan }),
  ) as [KafkaService, KafkaService];
  const services = [killed, spared];
  try {
    await Promise.all(services.map((service) => service.start()));
    await Promise.all(services.map((service) => until(service, ({ delivered }) => delivered > 0)));
    const kills = await passOutage(cluster, killed, plan);
    await Promise.all([
      until(spared, isCaughtUp),
      killWhileCatchingUp(killed, plan.killsWhileCatchingUp).then(async (more) => {
        kills.push(...more);
        return await until(killed, isCaughtUp);
      }),
    ]);
    return { killed: await conclude(killed, kills), spared: await conclude(spared, []) };
  } finally {
    await Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
  }
}

type UnpricedKill = Omit<Kill, 'copies'>;

async function passOutage(
  { brokers: [broker] }: KafkaCluster,
  service: KafkaService,
  { outageSeconds, killsInOutage }: OutagePlan,
): Promise<UnpricedKill[]> {
  const kills: UnpricedKill[] = [];
  await broker!.kill('SIGKILL');
  const begunMs = performance.now();
  const pauseMs = (outageSeconds * 1000) / (killsInOutage + 1);
  for (let n = 1; n <= killsInOutage + 1; n++) {
    await wait(Math.max(0, begunMs + n * pauseMs - performance.now())); // the outage
    if (n > killsInOutage) break;
    kills.push({ moment: 'outage', ...(await service.kill()) });
    await service.start();
  }
  await broker!.start();
  return kills;
}

async function killWhileCatchingUp(service: KafkaService, most: number): Promise<UnpricedKill[]> {
  const kills: UnpricedKill[] = [];
  while (kills.length < most) {
    // with a second batch delivered, the journal knows of the first
    const { pending } = await until(service, (now) => now.delivered > BATCH_EVENTS || isCaughtUp(now));
    if (pending <= BATCH_EVENTS) break;
    kills.push({ moment: 'catching up', ...(await service.kill()) });
    await service.start();
  }
  return kills;
}

function isCaughtUp({ delivered, pending }: Progress): boolean {
  return delivered > 0 && pending < BATCH_EVENTS;
}

async function until(service: KafkaService, holds: (progress: Progress) => boolean): Promise<Progress> {
  for (;;) {
    const progress = await service.progress();
    if (progress !== null && holds(progress)) return progress;
    await wait(LOOK_EVERY_MS);
  }
}

async function conclude(service: KafkaService, unpriced: readonly UnpricedKill[]): Promise<Outcome> {
  const status = await service.stop();
  const accounts = await service.accounts();
  const { copies, unexplained } = attribute(unpriced, accounts.copied);
  const kills = unpriced.map((kill, n) => ({ ...kill, copies: copies[n]! }));
  return { status, accounts, kills, unexplained, peakPending: service.peakPending };
}
