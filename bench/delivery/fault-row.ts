import { openJournal } from '../../src/publish/journal.js';
import { type KafkaCluster, startKafka } from '../../tests/services/kafka.js';
import { type Accounts, accountAtEnd } from '../../tests/services/kafka-accounts.js';
import { attribute, BATCH_EVENTS } from '../../tests/services/kafka-copies.js';
import { openToxiproxy } from '../../tests/services/toxiproxy.js';
import { ReplayLoad } from '../replay/replay-load.js';
import type { Deed, Fault, Scene } from './faults.js';
import { type OpenState, readOpenState } from './open-state.js';

/** How a fault is tried. */
export interface Trial extends Pick<Scene, 'seconds' | 'kills'> {
  /** Of the topics. */
  readonly prefix: string;
  readonly folder: string;
  /** Where the recorded scores are. */
  readonly traces: string;
  /** Label events a second. */
  readonly rate: number;
  readonly isExactlyOnce: boolean;
}

/** How delivery came through. */
export interface FaultRow {
  readonly deed: Deed;
  /** Events a second that were committed, while labelcast was up. */
  readonly rate: number;
  readonly accounts: Accounts;
  readonly allowedCopies: number;
  readonly peakPending: number;
  /** From the end of a fault until no more than a batch was pending, at most. */
  readonly catchUpSeconds: number;
  readonly state: OpenState;
  /** What must not be, in words; empty: all is well. */
  readonly problems: readonly string[];
}

/** Starts the brokers that a fault asks for and lets it happen to them. */
export async function runFault(fault: Fault, trial: Trial): Promise<FaultRow> {
  const kafka = await startKafka(fault.kafka);
  try {
    return await runFaults([fault], { kafka, trial });
  } finally {
    await kafka.stop();
  }
}

/**
 * Lets faults happen, one after another, to a load that is delivered to real brokers, through their proxies where they have
 * some; counts what the topics hold once labelcast has stopped on request. Throws when labelcast ends by itself, or not well.
 */
export async function runFaults(
  faults: readonly Fault[],
  { kafka, trial }: { readonly kafka: KafkaCluster; readonly trial: Trial },
): Promise<FaultRow> {
  const routes = kafka.proxyRoutes;
  await using proxy = routes.length === 0 ? null : await openToxiproxy(routes);
  const brokers = proxy === null ? kafka.bootstrap : routes.map((route) => `127.0.0.1:${route.proxy}`);
  await using load = new ReplayLoad({ ...trial, brokers });
  await load.start({ datedBackDays: faults[0]?.datedBackDays ?? 0 });
  await load.until(({ delivered }) => delivered > 0);
  load.takePeak();
  const deeds: Deed[] = [];
  let catchUpSeconds = 0;
  for (const fault of faults) {
    deeds.push(await fault.act({ load, kafka, proxy, seconds: trial.seconds, kills: trial.kills }));
    const overMs = performance.now();
    await load.until(({ committed, pending }) => committed > 0 && pending <= BATCH_EVENTS);
    catchUpSeconds = Math.max(catchUpSeconds, (performance.now() - overMs) / 1000);
  }
  const peakPending = load.takePeak();
  await load.stop();
  const deed = deeds.reduce(join);
  const accounts = await accountsOf(load.journal, { deed, brokers: kafka.bootstrap, trial });
  const state = await readOpenState(load.journal, kafka.bootstrap, load.prefix);
  const allowedCopies = trial.isExactlyOnce ? 0 : deed.faults * BATCH_EVENTS;
  const row = { deed, rate: load.rate, accounts, allowedCopies, peakPending, catchUpSeconds, state };
  return { ...row, problems: findProblems(row) };
}

function join(one: Deed, next: Deed): Deed {
  const kills = [...(one.kills ?? []), ...(next.kills ?? [])];
  return { ...one, ...next, faults: one.faults + next.faults, kills };
}

async function accountsOf(
  path: string,
  {
    deed,
    brokers,
    trial,
  }: { readonly deed: Deed; readonly brokers: readonly string[]; readonly trial: Trial },
): Promise<Accounts> {
  await using backup = deed.backup === undefined ? null : await openJournal({ path: deed.backup });
  await using journal = await openJournal({ path });
  return await accountAtEnd(journal, brokers, trial.prefix, backup);
}

function findProblems({ deed, accounts, allowedCopies, state }: Omit<FaultRow, 'problems'>): string[] {
  const { kills = [], faults } = deed;
  const { missing, unknown, disordered, different } = accounts;
  const counts = { missing, unknown, 'out of order': disordered.length, different };
  const wrongs = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]));
  const { unexplained } = attribute(kills, accounts.copied);
  const ofOthers = (faults - kills.length) * BATCH_EVENTS;
  return [
    ...wrongs,
    ...(accounts.copies > allowedCopies
      ? [`${accounts.copies} copies, at most ${allowedCopies} allowed`]
      : []),
    ...(unexplained > ofOthers ? [`${unexplained} copies lie in no batch that was under way at a kill`] : []),
    ...state.strange.map((line) => `only the journal or only the state topic has open: ${line}`),
  ];
}
