import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

const KEPT = 20;
const LINE_LIMIT = 300;

/** The last lines of a stream that nobody is shown unless something goes wrong. */
export class LineTail {
  readonly #lines: string[] = [];
  #partial = '';

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#take(text));
    stream.on('error', () => {});
  }

  /** The last line that speaks of a failure, else the last line, without colours and cut to 300 characters. */
  lastError(): string | null {
    const lines = [...this.#lines, this.#partial].map(toPlain).filter((line) => line !== '');
    const last = lines.findLast((line) => /error|fail|abort|fatal|terminate/i.test(line)) ?? lines.at(-1);
    return last?.slice(0, LINE_LIMIT) ?? null;
  }

  #take(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop()!.slice(-LINE_LIMIT);
    this.#lines.push(...lines);
    this.#lines.splice(0, this.#lines.length - KEPT);
  }
}

function toPlain(line: string): string {
  return stripVTControlCharacters(line).trim();
}
