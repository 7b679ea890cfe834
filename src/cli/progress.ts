import { clearLine, cursorTo } from 'node:readline';
import { toClockText } from './clock-text.js';

const EVERY_MS = 200;

/** One line on a terminal that says how far the run is; silent elsewhere. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #isShown: boolean;
  readonly #totalFiles: number;
  readonly #startedMs = performance.now();
  /** Where each stream began in this run, and where it is. */
  readonly #positionsMs = new Map<string, { readonly fromMs: number; nowMs: number }>();
  #doneFiles = 0;
  #lastDrawMs = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream, totalFiles: number, isWanted: boolean) {
    this.#stream = stream;
    this.#totalFiles = totalFiles;
    this.#isShown = isWanted && stream.isTTY;
  }

  /** The stream has been tagged up to `ptsMs`. */
  advance(streamId: string, ptsMs: number): void {
    const position = this.#positionsMs.get(streamId);
    if (position === undefined) this.#positionsMs.set(streamId, { fromMs: ptsMs, nowMs: ptsMs });
    else position.nowMs = ptsMs;
    this.#draw(performance.now());
  }

  finishFile(): void {
    this.#doneFiles += 1;
    this.#draw(Number.POSITIVE_INFINITY);
  }

  /** Removes the line, so that something else can be printed. */
  clear(): void {
    if (!this.#isShown) return;
    clearLine(this.#stream, 0);
    cursorTo(this.#stream, 0);
    this.#lastDrawMs = Number.NEGATIVE_INFINITY;
  }

  #draw(nowMs: number): void {
    if (!this.#isShown || nowMs - this.#lastDrawMs < EVERY_MS) return;
    const mediaMs = [...this.#positionsMs.values()].reduce(
      (sum, { fromMs, nowMs }) => sum + nowMs - fromMs,
      0,
    );
    const speed = mediaMs / Math.max(1, performance.now() - this.#startedMs);
    const line = `${this.#doneFiles}/${this.#totalFiles} files  ${toClockText(mediaMs)} tagged  ${speed.toFixed(1)} × real time`;
    this.clear();
    this.#stream.write(line.slice(0, Math.max(1, (this.#stream.columns ?? 80) - 1)));
    this.#lastDrawMs = performance.now();
  }
}
