import { PublishError } from '../errors.js';
import { EVENT_TYPES } from '../events.js';
import type { NumberedCloudEvent } from '../types.js';
import { isKnown, type ReadEvent, toNumbered } from './read-event.js';
import { type Beginning, SequenceCheck, type SequenceFinding } from './sequence-check.js';

/** Told what is read. */
export interface LabelListener {
  /** Each event once, in the order of its stream; false: it was not dealt with, and nobody waits for more. */
  event(event: NumberedCloudEvent): Promise<boolean | void> | boolean | void;
  finding(finding: SequenceFinding): void;
  /** Reading failed and is tried again, or what is no event, or of an unknown type, is passed over. */
  trouble(message: Error): void;
}

/** Events as they are read: what their numbers tell comes first; repeats, and what is of an unknown type, are left out. */
export class LabelSequence {
  readonly #check: SequenceCheck;
  readonly #listener: LabelListener;
  readonly #unknown = new Set<string>();

  constructor(listener: LabelListener, begin: Beginning = 'anywhere') {
    this.#listener = listener;
    this.#check = new SequenceCheck(begin);
  }

  /** False: the listener has not dealt with it. */
  async take(event: ReadEvent): Promise<boolean> {
    const findings = this.#check.check(toNumbered(event));
    for (const finding of findings) this.#listener.finding(finding);
    if (findings.some(({ kind }) => kind === 'repeat')) return true;
    if (!isKnown(event)) {
      this.#passOver(event);
      return true;
    }
    if (event.type === EVENT_TYPES.lost) this.#listener.finding(toLoss(event.data));
    return (await this.#listener.event(event)) !== false;
  }

  /** An event that was dealt with before: it and its number are known from here on. */
  recall(event: ReadEvent): void {
    this.#check.check(toNumbered(event));
  }

  /** Of an epoch nothing before this number is there any more. */
  begin(streamId: string, epoch: string, first: number): void {
    this.#check.begin(streamId, epoch, first);
  }

  /** An epoch has no more than this: what of it has not come is missing. */
  end(streamId: string, epoch: string, last: number): void {
    for (const finding of this.#check.end(streamId, epoch, last)) this.#listener.finding(finding);
  }

  /** Told once of each type; its number counts, so that nothing is taken for lost. */
  #passOver({ type }: ReadEvent): void {
    if (this.#unknown.has(type)) return;
    this.#unknown.add(type);
    const remedy = 'a newer labelcast writes here: update the reader if it is to know them';
    this.#listener.trouble(
      new PublishError(`events of the unknown type ${type} are passed over`, { remedy }),
    );
  }
}

function toLoss({ streamId, epoch, sequence }: NumberedCloudEvent['data']): SequenceFinding {
  return { kind: 'lost', streamId, epoch, from: sequence, to: sequence };
}
