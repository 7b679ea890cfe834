import type { NumberedCloudEvent } from '../types.js';
import { type Beginning, SequenceCheck, type SequenceFinding } from './sequence-check.js';

/** Told what is read. */
export interface LabelListener {
  /** Each event once, in the order of its stream. */
  event(event: NumberedCloudEvent): Promise<void> | void;
  finding(finding: SequenceFinding): void;
  /** Reading failed and is tried again, or a record is no event and is passed over. */
  trouble(message: Error): void;
}

/** Events as they are read: what their numbers tell comes first, and repeats are left out. */
export class LabelSequence {
  readonly #check: SequenceCheck;
  readonly #listener: Pick<LabelListener, 'event' | 'finding'>;

  constructor(listener: Pick<LabelListener, 'event' | 'finding'>, begin: Beginning = 'anywhere') {
    this.#listener = listener;
    this.#check = new SequenceCheck(begin);
  }

  async take(event: NumberedCloudEvent): Promise<void> {
    const { id, data } = event;
    const findings = this.#check.check({ id, ...data });
    for (const finding of findings) this.#listener.finding(finding);
    if (!findings.some(({ kind }) => kind === 'repeat')) await this.#listener.event(event);
  }

  /** An epoch has no more than this: what of it has not come is missing. */
  end(streamId: string, epoch: string, last: number): void {
    for (const finding of this.#check.end(streamId, epoch, last)) this.#listener.finding(finding);
  }
}
