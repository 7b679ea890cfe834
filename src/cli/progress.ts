import type { StreamView } from '../tag-file.js';
import { toProgressLines, type RunStanding, type SourceStanding } from './progress-lines.js';
import type { Screen } from './screen.js';
import type { TerminalLook } from './terminal-look.js';

/** Often enough to look alive, seldom enough to cost nothing. */
const EVERY_MS = 333;
/** Sources drawn at most. */
const MOST_LINES = 16;

interface ProgressOptions {
  readonly screen: Screen;
  readonly look: TerminalLook;
  readonly files: number;
  readonly cameras: number;
  readonly isWanted: boolean;
}

/** Says on a terminal, over and over, how far each source and the whole run are; silent elsewhere. */
export class Progress implements Disposable {
  readonly #options: ProgressOptions;
  readonly #startedMs = performance.now();
  readonly #inWork = new Set<SourceProgress>();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #draw = (): void => this.#show();
  #doneFiles = 0;
  #doneMs = 0;
  /** Of the files that are over and could be opened. */
  readonly #durationsMs: (number | null)[] = [];

  constructor(options: ProgressOptions) {
    this.#options = options;
    if (!options.isWanted || !options.screen.isLive) return;
    this.#timer = setInterval(this.#draw, EVERY_MS).unref();
    process.stderr.on('resize', this.#draw);
  }

  /** A source is in work from now on. */
  begin(name: string, kind: 'file' | 'live'): SourceProgress {
    const source = new SourceProgress(name, kind);
    this.#inWork.add(source);
    return source;
  }

  end(source: SourceProgress): void {
    this.#inWork.delete(source);
    const { kind, fromMs, nowMs, durationMs } = source.standing();
    if (kind === 'live') return;
    this.#doneFiles += 1;
    this.#doneMs += nowMs - fromMs;
    if (source.isBegun) this.#durationsMs.push(durationMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    process.stderr.off('resize', this.#draw);
    this.#options.screen.hide();
  }

  #show(): void {
    const { screen, look } = this.#options;
    if (this.#inWork.size === 0) return screen.hide();
    // the last column stays free: some terminals fold a line that fills it
    const space = { width: screen.width - 1, height: Math.min(MOST_LINES, screen.height - 2) };
    screen.show(toProgressLines(this.#standing(), { ...look, ...space }));
  }

  #standing(): RunStanding {
    const { files: total, cameras } = this.#options;
    const sources = [...this.#inWork].map((source) => source.standing());
    const files = sources.filter(({ kind }) => kind === 'file');
    const taggedMs = files.reduce((sum, { nowMs, fromMs }) => sum + nowMs - fromMs, this.#doneMs);
    const elapsedMs = performance.now() - this.#startedMs;
    const run = { sources, files: { done: this.#doneFiles, total }, cameras, taggedMs, elapsedMs };
    const durationsMs = [
      ...this.#durationsMs,
      ...files.filter(({ isBegun }) => isBegun).map(({ durationMs }) => durationMs),
    ];
    const knownMs = durationsMs.filter((durationMs) => durationMs !== null);
    if (knownMs.length < durationsMs.length || taggedMs <= 0) return { ...run, leftMs: null, fraction: null };
    const begun = this.#doneFiles + files.filter(({ isBegun }) => isBegun).length;
    // those not begun are taken to be as long as the others
    const unbegunMs = (knownMs.reduce((a, b) => a + b, 0) / knownMs.length) * Math.max(0, total - begun);
    const left = files.reduce(
      (sum, { nowMs, durationMs }) => sum + Math.max(0, (durationMs ?? 0) - nowMs),
      unbegunMs,
    );
    return { ...run, leftMs: (left * elapsedMs) / taggedMs, fraction: taggedMs / (taggedMs + left) };
  }
}

/** What is told of one source while it is in work. */
export class SourceProgress {
  readonly #name: string;
  readonly #kind: 'file' | 'live';
  #startedMs = performance.now();
  #view: StreamView | null = null;
  #nowMs: number | null = null;
  #fromMs = 0;
  #frames = 0;
  #state: string | null = null;

  constructor(name: string, kind: 'file' | 'live') {
    this.#name = name;
    this.#kind = kind;
    if (kind === 'live') this.#state = 'connecting';
  }

  /** Its frames are being taken from now on. */
  begun(view: StreamView): void {
    this.#view = view;
    this.#startedMs = performance.now();
  }

  /** A frame was scored: everything up to `ptsMs` is tagged. */
  advanced(ptsMs: number): void {
    if (this.#nowMs === null) this.#fromMs = ptsMs;
    this.#nowMs = ptsMs;
    this.#frames += 1;
  }

  /** It could be opened. */
  get isBegun(): boolean {
    return this.#view !== null;
  }

  connection(state: string): void {
    this.#state = state;
  }

  standing(): SourceStanding {
    const nowMs = this.#nowMs ?? 0;
    return {
      name: this.#name,
      kind: this.#kind,
      isBegun: this.isBegun,
      fromMs: this.#fromMs,
      nowMs,
      durationMs: this.#view?.durationMs ?? null,
      elapsedMs: performance.now() - this.#startedMs,
      state: this.#state,
      frames: this.#frames,
      labels: this.#view?.openLabels() ?? [],
    };
  }
}
