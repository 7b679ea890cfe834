import { EventWriter } from '../../../src/publish/event-writer.js';
import type { KafkaConfig } from '../../../src/config/config.js';
import { openJournal, type JournalHandle } from '../../../src/publish/journal.js';
import { SinkRelays } from '../../../src/publish/sink-relays.js';
import type { Commit, EpochState } from '../../../src/types.js';
import { ended, eventContext, started } from '../../unit/publish/samples.js';

const STEP_MS = 5000;

/** Tags nothing, but commits like it: each step adds a started and an ended event, two segments' rows and a checkpoint. */
export class Committer {
  readonly #journal: JournalHandle;
  readonly #writer: EventWriter;
  readonly #epoch: string;
  #step: number;

  private constructor(journal: JournalHandle, name: string, held: EpochState) {
    const nextSequence = held.checkpoint?.nextSequence ?? 1;
    this.#journal = journal;
    this.#writer = new EventWriter(eventContext(name), { nextSequence, openSegments: held.openSegments });
    this.#epoch = held.identity.epoch;
    this.#step = (nextSequence - 1) / 2;
  }

  static async open(journal: JournalHandle, name: string): Promise<Committer> {
    return new Committer(journal, name, await journal.openEpoch(eventContext(name).identity));
  }

  /** The next step, not yet committed. */
  next(): Commit {
    const step = this.#step++;
    const startMs = step * STEP_MS;
    const { events, segments } = this.#writer.write(
      [started(step % 2, startMs), ended(step % 2, startMs, startMs + 2000)],
      0,
    );
    const checkpoint = {
      lastMs: startMs + 3000,
      frameHash: step,
      nextSequence: this.#writer.nextSequence,
      smoother: { step },
    };
    const minute = Math.floor(checkpoint.lastMs / 60_000);
    const curves = new Map([[0, Float32Array.of(step)]]);
    const scores = [{ minute, timesMs: [checkpoint.lastMs], curves }];
    return { epoch: this.#epoch, events, segments, scores, checkpoint };
  }

  commit(): Promise<void> {
    return this.#journal.commit(this.next());
  }
}

/** Commits so often to the journal at `path`, one commit after the other; prints as the next does. */
export async function commitSome(path: string, name: string, count: number): Promise<void> {
  await using journal = await openJournal({ path });
  const committer = await Committer.open(journal, name);
  for (let n = 0; n < count; n++) await commitAndPrint(journal, committer.next());
}

/** Commits to the journal at `path` until killed; prints the sequence of the last event after each commit. */
export async function commitForEver(path: string, name: string): Promise<never> {
  const journal = await openJournal({ path });
  const committer = await Committer.open(journal, name);
  for (;;) await commitAndPrint(journal, committer.next());
}

async function commitAndPrint(journal: JournalHandle, commit: Commit): Promise<void> {
  await journal.commit(commit);
  process.stdout.write(`${commit.checkpoint!.nextSequence - 1}\n`);
}

/** The same for several streams, with a relay to Kafka; prints what it has done: `committed` all the time, `delivered` once. */
export async function relayForEver(
  path: string,
  { names, kafka }: { readonly names: readonly string[]; readonly kafka: KafkaConfig },
): Promise<never> {
  const journal = await openJournal({ path });
  const streams = await Promise.all(names.map((name) => Committer.open(journal, name)));
  const say = (sink: string, { message }: Error): void => void process.stderr.write(`${sink}: ${message}\n`);
  const told = { onTrouble: say, onStopped: say, onRecovered: () => {}, onWarning: () => {} };
  const relays = new SinkRelays({ journal, liveIds: [], isPatient: false, anew: '', ...told });
  await relays.add({ name: 'kafka', from: 'beginning', kafka });
  const toPosition = async (): Promise<number> => (await journal.cursor('kafka'))?.position ?? 0;
  const begin = await toPosition();
  for (let isDelivered = false; ; ) {
    await Promise.all(streams.map((stream) => stream.commit()));
    process.stdout.write('committed\n');
    if (isDelivered || (await toPosition()) === begin) continue;
    process.stdout.write('delivered\n');
    isDelivered = true;
  }
}
