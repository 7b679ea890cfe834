import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaCluster } from './kafka.js';
import type { Accounts } from './kafka-accounts.js';
import { KafkaService, type Progress, type Standing } from './kafka-service.js';

/** The relay's: what a kill may repeat. */
export const BATCH_EVENTS = 256;
const CAMERAS = 3;
const LOOK_EVERY_MS = 20;

/** What is done to the broker and to labelcast. */
export interface OutagePlan {
  readonly cameraUrl: string;
  /** For journals and configs. */
  readonly folder: string;
  readonly outageSeconds: number;
  /** Spread evenly over the outage. */
  readonly killsInOutage: number;
  /** At most so many, each once the process has delivered more than a batch and has more than one left. */
  readonly killsWhileCatchingUp: number;
  /** Called when both have caught up and are still tagging. */
  readonly whileServing?: (prefix: string) => Promise<void>;
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
  /** From the broker's first answer until less than a batch was pending. */
  readonly catchUpSeconds: number;
  /** Events a second from the first delivery until then; 0: it was too fast to be seen, or killed on the way. */
  readonly catchUpRate: number;
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
    (prefix) => new KafkaService({ prefix, brokers: cluster.bootstrap, cameras: CAMERAS, ...plan }),
  ) as [KafkaService, KafkaService];
  const services = [killed, spared];
  try {
    await Promise.all(services.map((service) => service.start()));
    await Promise.all(services.map((service) => until(service, ({ delivered }) => delivered > 0)));
    const kills = await passOutage(cluster, killed, plan);
    const back = cluster.brokers[0]!.ready().then(() => performance.now());
    const [caughtUp, late] = await Promise.all([
      catchUp(spared),
      killWhileCatchingUp(killed, plan.killsWhileCatchingUp).then(async (more) => {
        kills.push(...more);
        return await catchUp(killed);
      }),
      back,
    ]);
    await plan.whileServing?.(spared.prefix);
    const backMs = await back;
    return {
      killed: await conclude(killed, kills, { ...late, rate: 0 }, backMs),
      spared: await conclude(spared, [], caughtUp, backMs),
    };
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

interface CatchUp {
  readonly endMs: number;
  readonly rate: number;
}

async function catchUp(service: KafkaService): Promise<CatchUp> {
  const before = await until(service, () => true);
  const first = await until(service, ({ delivered }) => delivered > before.delivered);
  const beginMs = performance.now();
  const last = await until(service, isCaughtUp);
  const endMs = performance.now();
  const events = last.delivered - first.delivered;
  return { endMs, rate: events === 0 ? 0 : (events * 1000) / (endMs - beginMs) };
}

async function until(service: KafkaService, holds: (progress: Progress) => boolean): Promise<Progress> {
  for (;;) {
    const progress = await service.progress();
    if (progress !== null && holds(progress)) return progress;
    await wait(LOOK_EVERY_MS);
  }
}

async function conclude(
  service: KafkaService,
  unpriced: readonly UnpricedKill[],
  { endMs, rate }: CatchUp,
  backMs: number,
): Promise<Outcome> {
  const status = await service.stop();
  const accounts = await service.accounts();
  const { kills, unexplained } = attribute(unpriced, accounts.copied);
  return {
    status,
    accounts,
    kills,
    unexplained,
    peakPending: service.peakPending,
    catchUpSeconds: (endMs - backMs) / 1000,
    catchUpRate: rate,
  };
}

/** Gives each copy to the first kill that may have caused it, each position once a kill: the batch behind its cursor. */
function attribute(
  kills: readonly UnpricedKill[],
  copied: readonly number[],
): { readonly kills: Kill[]; readonly unexplained: number } {
  let left = copied;
  const priced = kills.map((kill) => {
    const seen = new Set<number>();
    left = left.filter((position) => {
      const isIts = position > kill.delivered && position <= kill.delivered + BATCH_EVENTS;
      if (!isIts || seen.has(position)) return true;
      seen.add(position);
      return false;
    });
    return { ...kill, copies: seen.size };
  });
  return { kills: priced, unexplained: left.length };
}
