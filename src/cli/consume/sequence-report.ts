import type { SequenceFinding } from '../../consume/sequence-check.js';
import { toPrintable } from '../messages.js';

/** What is wrong with what was read, on standard error; the same trouble is told once in a row. */
export class SequenceReport {
  missing = 0;
  #repeats = 0;
  #last = '';

  finding({ kind, streamId, epoch, from, to }: SequenceFinding): void {
    if (kind === 'repeat') this.#repeats++;
    if (kind === 'missing') this.missing += to - from + 1;
    if (kind === 'late') this.missing--;
    if (kind !== 'repeat') this.#say(toPrintable(`${streamId}: ${SAYINGS[kind](from, to)} (epoch ${epoch})`));
  }

  trouble(message: string): void {
    if (message !== this.#last) this.#say(message);
    this.#last = message;
  }

  end(): void {
    const parts = [
      ...(this.missing > 0 ? [`${this.missing} missing`] : []),
      ...(this.#repeats > 0 ? [`${this.#repeats} repeated and left out`] : []),
    ];
    if (parts.length > 0) this.#say(`events: ${parts.join(', ')}`);
  }

  #say(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

const SAYINGS = {
  missing: (from: number, to: number) =>
    from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`,
  late: (from: number) => `event ${from} came late`,
  lost: (from: number) => `event ${from} was skipped by hand and is lost`,
  conflict: (from: number) => `another event ${from}: two writers share this stream and epoch`,
} as const;
