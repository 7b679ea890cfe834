// `labelcast serve` through an outage of the broker (10 minutes, or LABELCAST_BENCH_SECONDS), killed by `kill -9` meanwhile
// and while its relay catches up, beside one that is spared; then what the topics hold, counted by kcat, and how fast the
// relay caught up, beside a plain kafkajs producer that sends the same records. Exit 1 when something is lost, out of order or
// changed, or came again without a kill that explains it. Needs what `npm test` installs.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredRecord } from '../src/kafka-client.js';
import { type KafkaCluster, startKafka } from '../tests/services/kafka.js';
import { BATCH_EVENTS, type Outcome, outlast } from '../tests/services/kafka-outage.js';
import { NOTHING_WRONG } from '../tests/services/kafka-accounts.js';
import { readWithKcat } from '../tests/services/kafka-topic.js';
import { makeCameraClip, openRtspServer } from '../tests/services/rtsp.js';
import { plainSeconds } from './delivery/plain-producer.js';
import { type Aim, judge } from './live/table.js';

const SECONDS = Number(process.env['LABELCAST_BENCH_SECONDS'] ?? 600);
const KILLS_IN_OUTAGE = 4;
const KILLS_WHILE_CATCHING_UP = 4;
/** What must not be in the accounts. */
const WRONGS = [
  ['missing', 'missing'],
  ['unknown', 'unknown'],
  ['streams out of order', 'disordered'],
  ['copies that differ', 'different'],
] as const satisfies readonly (readonly [string, keyof typeof NOTHING_WRONG])[];
const TOPICS = ['labels', 'state', 'streams'];

interface SentRecord extends StoredRecord {
  readonly topic: string;
}

/** Everything that is below a prefix, as it came. */
async function readAll(cluster: KafkaCluster, prefix: string): Promise<SentRecord[]> {
  const records: SentRecord[] = [];
  for (const topic of TOPICS)
    for (const record of await readWithKcat(cluster.bootstrap, `${prefix}.${topic}`))
      records.push({ ...record, topic });
  return records.sort((a, b) => a.timestampMs - b.timestampMs);
}

/** Events a second of a plain producer that sends the same in batches as large. */
async function plainRate(cluster: KafkaCluster, records: readonly SentRecord[]): Promise<number> {
  const count = Math.ceil(records.length / BATCH_EVENTS);
  const batches = Array.from({ length: count }, (_, n) =>
    records.slice(n * BATCH_EVENTS, (n + 1) * BATCH_EVENTS),
  );
  const seconds = await plainSeconds(cluster.bootstrap, batches, 'plain');
  return records.filter(({ topic }) => topic !== 'state').length / seconds;
}

function line(name: string, killed: string | number, spared: string | number, aim?: Aim): void {
  const cells = [killed, spared].map((cell) => String(cell).padStart(24)).join('');
  process.stdout.write(`${name.padEnd(52)}${cells}${aim === undefined ? '' : judge(aim)}\n`);
}

function report(killed: Outcome, spared: Outcome, reference: number): void {
  const both = (name: string, toCell: (outcome: Outcome) => string | number, wanted?: number) => {
    const cells = [toCell(killed), toCell(spared)] as const;
    const isMet = cells.every((cell) => cell === wanted);
    line(name, ...cells, wanted === undefined ? undefined : { text: String(wanted), isMet });
  };
  const copies =
    (moment: string) =>
    ({ kills }: Outcome) =>
      kills
        .filter((kill) => kill.moment === moment)
        .map((kill) => kill.copies)
        .join(', ') || '–';
  process.stdout.write(`\n${SECONDS} s without the broker\n`);
  line('', 'killed by kill -9', 'not killed');
  both('exit status when stopped', ({ status }) => status ?? 'none', 143);
  both('events in the journal', ({ accounts }) => accounts.events);
  both('records in the topics', ({ accounts }) => accounts.records);
  both('distinct ids', ({ accounts }) => accounts.distinct);
  for (const [name, key] of WRONGS)
    both(name, ({ accounts }) => countOf(accounts[key]), countOf(NOTHING_WRONG[key]));
  both('copies of each kill during the outage', copies('outage'));
  both('copies of each kill while catching up', copies('catching up'));
  both('copies that no kill explains', ({ unexplained }) => unexplained, 0);
  both('peak of pending events', ({ peakPending }) => peakPending);
  both('broker back to caught up, s', ({ catchUpSeconds }) => catchUpSeconds.toFixed(1));
  line('events/s while catching up', '–', spared.catchUpRate.toFixed(0));
  line('plain kafkajs producer, the same records, events/s', '', reference.toFixed(0));
  line('ratio', '', (spared.catchUpRate / reference).toFixed(2));
}

function countOf(account: number | readonly string[]): number {
  return typeof account === 'number' ? account : account.length;
}

const folder = mkdtempSync(join(tmpdir(), 'labelcast-bench-'));
const camera = await openRtspServer({ mounts: { '/cam': await makeCameraClip() } });
const kafka = await startKafka();
try {
  process.stdout.write(`${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}\n`);
  let reference = Number.NaN;
  const { killed, spared } = await outlast(kafka, {
    cameraUrl: camera.url('/cam'),
    folder,
    outageSeconds: SECONDS,
    killsInOutage: KILLS_IN_OUTAGE,
    killsWhileCatchingUp: KILLS_WHILE_CATCHING_UP,
    whileServing: async (prefix) => {
      reference = await plainRate(kafka, await readAll(kafka, prefix));
    },
  });
  report(killed, spared, reference);
} finally {
  await kafka.stop();
  await camera[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}
