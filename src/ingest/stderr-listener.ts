import {
  isDamage,
  isNetworkFailure,
  isReconnection,
  isTruncation,
  type LogLine,
  readLogLine,
} from './ffmpeg-log.js';
import type { FrameLog } from './frame-log.js';

const KEPT_LINES = 100;

/** Sorts the stderr of a decoding ffmpeg: frames and damage go to the frame log, the last other lines are kept. */
export class StderrListener {
  readonly #log: FrameLog;
  readonly #lines: LogLine[] = [];
  #isDecoding = false;
  #truncation: string | null = null;
  #isNetworkBroken = false;

  constructor(log: FrameLog) {
    this.#log = log;
  }

  /** The last 100 lines that are not about a frame. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** The demuxer's words when it called the file cut off, else null. */
  get truncation(): string | null {
    return this.#truncation;
  }

  /** A connection broke and was not, or not yet, made again. */
  get isNetworkBroken(): boolean {
    return this.#isNetworkBroken;
  }

  /** Takes the next line. */
  hear(text: string): void {
    if (text.trim() === '') return;
    const line = readLogLine(text);
    if (line.context.includes('showinfo')) return this.#hearFrame(line.text);
    if (line.text.startsWith('Stream mapping:')) this.#isDecoding = true;
    // What is reported before is found again while decoding: ffmpeg looks ahead to learn the format.
    if (this.#isDecoding && isDamage(line)) this.#log.report();
    if (isReconnection(line)) {
      // nothing is lost by a connection that is made again where it broke
      this.#isNetworkBroken = false;
      this.#truncation = null;
    } else {
      if (isNetworkFailure(line)) this.#isNetworkBroken = true;
      if (isTruncation(line)) this.#truncation ??= line.text.replace(/\.$/, '');
    }
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  #hearFrame(text: string): void {
    if (/^n: *\d/.test(text)) this.#log.announce(toSaidSeconds(text));
    else if (text.startsWith('config in')) this.#log.configure();
  }
}

function toSaidSeconds(text: string): number | null {
  const said = /pts_time:(-?[\d.]+(?:e[+-]?\d+)?)/.exec(text)?.[1];
  return said === undefined ? null : Number(said);
}
