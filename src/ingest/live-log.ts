import { isDamage, isNetworkFailure, type LogLine, readLogLine } from './ffmpeg-log.js';
import { isHdrTrack } from './header-text.js';

/** What ffmpeg said of a picture it sent. */
export interface PictureNote {
  /** By the camera's clock; null when the picture has no time. */
  readonly ptsMs: number | null;
  /** Lost or undecodable data were reported since the picture before. */
  readonly damaged: boolean;
  /** The first picture after the filters were set up anew, as they are when the picture size changes. */
  readonly isNewGraph: boolean;
  /** Its curve is PQ or HLG; null when ffmpeg does not say. */
  readonly isHdr: boolean | null;
}

const KEPT_LINES = 100;
const PICTURE = /^n: *\d+ pts: *(-?\d+|NOPTS)\b/;
const COLOURS = /^color_range:.* color_trc:/;
const TIME_BASE = /^config in time_base: (\d+)\/(\d+)/;
const PLAYLIST = /^Input #0, (?:hls|dash)\b/;
// Said of the raw pictures on their way out, which need no times there; and by what was ended while it connected.
const HARMLESS =
  /non monoton|non-monoton|Timestamps are unset|deprecated pixel format|Immediate exit requested/i;

/** Sorts the stderr of an ffmpeg that decodes a live stream: a note for each picture, reports of damage, other lines. */
export class LiveLog {
  readonly #onDamage: () => void;
  readonly #onPicture: (note: PictureNote) => void;
  readonly #notes: PictureNote[] = [];
  #tickMs = 0;
  #lines: LogLine[] = [];
  #isOpened = false;
  #isInPieces = false;
  #isDecoding = false;
  /** Its colours are told on the next line. */
  #unfinished: PictureNote | null = null;
  #isDamaged = false;
  #graphs = 0;
  #isNewGraph = false;
  #isClosed = false;
  #wake: (() => void) | null = null;

  /** `onDamage`: called for each report of lost or undecodable data; `onPicture`: for each note as it is told. */
  constructor(onDamage: () => void, onPicture: (note: PictureNote) => void) {
    this.#onDamage = onDamage;
    this.#onPicture = onPicture;
  }

  /** ffmpeg has found out what the stream holds. */
  get isOpened(): boolean {
    return this.#isOpened;
  }

  /** The stream is a playlist (HLS, DASH): some seconds of it come at once. */
  get isInPieces(): boolean {
    return this.#isInPieces;
  }

  /** The lines since the last picture, 100 at most, that are not about a picture. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Takes the next line of stderr. */
  hear(text: string): void {
    if (text.trim() === '') return;
    const line = readLogLine(text);
    if (line.context.includes('showinfo')) return this.#hearPicture(line.text);
    if (line.text.startsWith('Input #0')) {
      this.#isOpened = true;
      this.#isInPieces = PLAYLIST.test(line.text);
    }
    if (line.text.startsWith('Stream mapping:')) this.#isDecoding = true;
    if (this.#isDecoding && isLoss(line)) {
      this.#isDamaged = true;
      this.#onDamage();
    }
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  /** Nothing more will be said. */
  close(): void {
    this.#finish(null);
    this.#isClosed = true;
    this.#wake?.();
  }

  /** The note on the next picture; waits for it, null when none will come. One caller at a time. */
  async next(): Promise<PictureNote | null> {
    while (this.#notes.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#notes.shift() ?? null;
  }

  #hearPicture(text: string): void {
    const base = TIME_BASE.exec(text);
    if (base !== null) {
      // Not the seconds that showinfo prints: they have six digits, which is too few after a day.
      this.#tickMs = (1000 * Number(base[1])) / Number(base[2]);
      this.#graphs += 1;
      this.#isNewGraph = this.#graphs > 1;
      return;
    }
    if (COLOURS.test(text)) return this.#finish(isHdrTrack(text));
    const ticks = PICTURE.exec(text)?.[1];
    if (ticks === undefined) return;
    this.#finish(null);
    const ptsMs = ticks === 'NOPTS' ? null : Number(ticks) * this.#tickMs;
    this.#unfinished = { ptsMs, damaged: this.#isDamaged, isNewGraph: this.#isNewGraph, isHdr: null };
    this.#isDamaged = false;
    this.#isNewGraph = false;
    this.#lines = [];
  }

  #finish(isHdr: boolean | null): void {
    if (this.#unfinished === null) return;
    const note = { ...this.#unfinished, isHdr };
    this.#unfinished = null;
    this.#notes.push(note);
    this.#onPicture(note);
    this.#wake?.();
  }
}

/** Whether a line reports that data of the stream were lost or could not be decoded. */
export function isLoss(line: LogLine): boolean {
  // What the program itself says is about its own end.
  if (line.context === '' || /^\[(?:in|out)#/.test(line.context)) return false;
  if (HARMLESS.test(line.text) || isNetworkFailure(line)) return false;
  return isDamage(line) || (line.level === 'warning' && /\bmissed \d+ packets/.test(line.text));
}
