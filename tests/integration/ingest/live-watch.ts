import { readFileSync } from 'node:fs';
import type { StreamCause } from '../../../src/errors.js';
import { type LiveSourceOptions, openLiveSource } from '../../../src/ingest/live-source.js';
import { redactUrl } from '../../../src/redact.js';
import type { ConnectionState, Decoder, SourceEnd } from '../../../src/types.js';
import { until } from '../../until.js';
import { smallInput } from './clips.js';

/** A live source being read; what it said so far. */
export interface Watch extends AsyncDisposable {
  readonly times: number[];
  /** Pixel hashes, one per time. */
  readonly hashes: number[];
  /** When each frame was given, by the host's clock. */
  readonly takenMs: number[];
  /** `connecting`, `online`, `offline timeout`, … in order. */
  readonly states: string[];
  readonly messages: string[];
  /** What decoded its connections, when that changed, with what was said. */
  readonly decoders: string[];
  readonly decodeErrors: number;
  readonly dropped: number;
  /** How it ended; rejects with what it threw. */
  readonly end: Promise<SourceEnd>;
  /** Resolves as soon as `isTrue`; rejects when it has ended before, and after two minutes. */
  until(isTrue: () => boolean): Promise<void>;
  /** Aborts, and waits for its end. */
  stop(): Promise<void>;
}

/** Nothing here is silent for so long but what was made to be: a busy machine lets a server, or ffmpeg, stand still for long. */
const STALL_AFTER_MS = 60_000;

/** Between two of five pictures a second; a second late, a picture may get another time. */
const HELD_UP_MS = 1000;

type Settings = Pick<LiveSourceOptions, 'url' | 'build'> & Partial<LiveSourceOptions>;

/** Reads a live source as the pipeline does, releasing each frame. */
export function watchLive(settings: Settings): Watch {
  const abort = new AbortController();
  const watch = { times: [], hashes: [], takenMs: [], states: [], messages: [], decoders: [] } as Omit<
    Record<'times' | 'hashes' | 'takenMs', number[]> & Record<'states' | 'messages' | 'decoders', string[]>,
    never
  >;
  const counts = { decodeErrors: 0, dropped: 0 };
  const listener = {
    connection(state: ConnectionState, problem?: { cause: StreamCause; message: string }) {
      watch.states.push(problem === undefined ? state : `${state} ${problem.cause}`);
      if (problem !== undefined) watch.messages.push(problem.message);
    },
    decoder: (decoder: Decoder, note: string | null) => {
      const told = note === null ? decoder : `${decoder}: ${note}`;
      if (note !== null || watch.decoders.at(-1) !== told) watch.decoders.push(told);
    },
    warned: (text: string) => void watch.messages.push(text),
    decodeError: () => void (counts.decodeErrors += 1),
    dropped: () => void (counts.dropped += 1),
  };
  const source = openLiveSource({
    name: redactUrl(settings.url),
    input: smallInput,
    fps: 5,
    slots: 4,
    originMs: Date.now(),
    afterMs: null,
    failFast: false,
    giveUpAfterMs: null,
    stallAfterMs: STALL_AFTER_MS,
    listener,
    ...settings,
  });
  const end = readAll(source.frames(abort.signal), watch);
  let isOver = false;
  const over = (): void => void (isOver = true);
  end.then(over, over);
  return {
    ...watch,
    get decodeErrors() {
      return counts.decodeErrors;
    },
    get dropped() {
      return counts.dropped;
    },
    end,
    async until(isTrue) {
      const told = (): string => `${watch.states.join(', ')}; ${watch.times.length} frames`;
      const isSeen = (): boolean => {
        if (isTrue()) return true;
        if (isOver) throw new Error(`It ended before: ${told()}`);
        return false;
      };
      await until(String(isTrue), isSeen, { everyMs: 10 }).catch((error: unknown) => {
        throw new Error(`${String(error)}; ${told()}`);
      });
    },
    async stop() {
      abort.abort();
      await end;
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      await end.catch(() => null);
    },
  };
}

/** Watches anew, a few times at most, where pictures were held up: those of a machine that stood still lie otherwise. */
export async function watchUndisturbed(watchOnce: () => Promise<Watch>): Promise<Watch> {
  for (let n = 1; ; n++) {
    const watch = await watchOnce();
    if (n === 4 || Math.max(...toSteps(watch.takenMs)) < HELD_UP_MS) return watch;
  }
}

async function readAll(
  frames: ReturnType<ReturnType<typeof openLiveSource>['frames']>,
  { times, hashes, takenMs }: Record<'times' | 'hashes' | 'takenMs', number[]>,
): Promise<SourceEnd> {
  for (;;) {
    const next = await frames.next();
    if (next.done === true) return next.value;
    hashes.push(next.value.pixels.hash());
    times.push(next.value.ptsMs);
    takenMs.push(Date.now());
    next.value.pixels.release();
  }
}

/** Ids of the processes with this process as parent, zombies included; of ffmpeg only. */
export function ffmpegChildren(): number[] {
  const ids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return ids
    .filter(Boolean)
    .map(Number)
    .filter((pid) => readProcess(pid, 'comm').startsWith('ffmpeg'));
}

/** Those of them that read this source; a zombie says no longer what it read. */
export function ffmpegChildrenOf(url: string): number[] {
  return ffmpegChildren().filter((pid) => readProcess(pid, 'cmdline').includes(url));
}

/** Empty when the process is gone. */
function readProcess(pid: number, what: 'comm' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}

/** The distances of neighbours. */
export function toSteps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - times[index]!);
}
