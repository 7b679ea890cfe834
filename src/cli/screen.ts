import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import { widthOf } from './columns.js';
import { toWidth } from './terminal-look.js';

/** In this time the reader of a pipe has printed what it got. */
const OTHERS_MS = 250;
const ERASE_AND_UP = '\u001B[2K\u001B[1A';

/**
 * Standard error of a run: lines that stay, above lines that are drawn again and again while it lasts. Where it is no
 * terminal there are only lines that stay.
 */
export class Screen implements Disposable {
  readonly #stream: WriteStream;
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #hide = (): void => this.hide();
  #quietUntilMs = 0;
  /** Null: nothing is drawn. */
  #drawn: { readonly lines: readonly string[]; readonly width: number } | null = null;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    // a hidden cursor would stay hidden after kill -9
    this.#update = createLogUpdate(stream, { showCursor: true });
    process.once('exit', this.#hide);
  }

  /** Whether lines can be drawn again. */
  get isLive(): boolean {
    return this.#stream.isTTY && process.env['TERM'] !== 'dumb';
  }

  get width(): number {
    return toWidth(this.#stream);
  }

  /** Lines of the terminal. */
  get height(): number {
    return this.#stream.rows || 24;
  }

  /** Adds lines that stay; `text` without the last line's end. */
  readonly print = (text: string): void => {
    const lines = this.#drawn?.lines;
    this.hide();
    this.#stream.write(`${text}\n`);
    if (lines !== undefined) this.show(lines);
  };

  /** Draws these lines instead of those drawn before; none may be wider than `width`. */
  show(lines: readonly string[]): void {
    if (!this.isLive || performance.now() < this.#quietUntilMs) return;
    if (lines.length === 0) return this.hide();
    this.#eraseFolds();
    this.#update(lines.join('\n'));
    this.#drawn = { lines, width: this.width };
  }

  /** Removes what is drawn, so that something else can be printed. */
  hide(): void {
    if (this.#drawn === null) return;
    this.#eraseFolds();
    this.#update.clear();
    this.#drawn = null;
  }

  /** Makes way for a while for what the reader of a pipe is about to print on the same terminal. */
  makeWay(): void {
    this.hide();
    this.#quietUntilMs = performance.now() + OTHERS_MS;
  }

  [Symbol.dispose](): void {
    this.hide();
    process.off('exit', this.#hide);
  }

  /** A terminal made narrower has folded the drawn lines, which the library does not know. */
  #eraseFolds(): void {
    if (this.#drawn === null || this.width >= this.#drawn.width) return;
    const folds = this.#drawn.lines.map((line) => Math.max(0, Math.ceil(widthOf(line) / this.width) - 1));
    this.#stream.write(ERASE_AND_UP.repeat(folds.reduce((sum, one) => sum + one, 0)));
    this.#drawn = { ...this.#drawn, width: this.width };
  }
}
