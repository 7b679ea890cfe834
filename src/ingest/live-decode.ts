import { setTimeout as wait } from 'node:timers/promises';
import type { ModelInput } from '../types.js';
import type { ByteReader } from './byte-reader.js';
import type { FfmpegBuild } from './ffmpeg-build.js';
import { type FfmpegExit, type FfmpegRun, openFfmpeg } from './ffmpeg-child.js';
import type { LogLine } from './ffmpeg-log.js';
import { toFilterGraph } from './filter-graph.js';
import { type Hardware, toHardwareOptions } from './hardware.js';
import { SKIP_OTHERS } from './key-frames.js';
import { HandOver, type LivePicture } from './live-hand-over.js';
import { LiveLog, type PictureNote } from './live-log.js';
import { toLiveInputOptions } from './live-options.js';
import { PictureOrder } from './picture-order.js';
import type { PixelPool } from './pixel-pool.js';
import { PlayOut } from './play-out.js';

/** One connection to a live stream. */
export interface LiveDecoding {
  readonly url: string;
  readonly build: FfmpegBuild;
  readonly model: ModelInput;
  /** Pictures chosen per second, by the camera's clock. */
  readonly fps: number;
  /** Only key frames are chosen. */
  readonly keyframesOnly: boolean;
  /** The decoder skips all others, which not every stream bears. */
  readonly isSkipping: boolean;
  /** Null: it is decoded in software. */
  readonly hardware: Hardware | null;
  /** As HDR needs it and nothing else bears it. */
  readonly isToneMapped: boolean;
  /** How long the server may be silent before ffmpeg gives up. */
  readonly silentMs: number;
  /** After how long without a picture the connection is given up. */
  readonly stallAfterMs: number;
  readonly pool: PixelPool;
  /** The host's clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Called when the stream was opened and for each picture, whether or not there was memory for it. */
  readonly onProgress: (isPicture: boolean) => void;
  /** Called, maybe often, when the stream is HDR and this ffmpeg cannot map its tones. */
  readonly onHdr: () => void;
  readonly onDamage: () => void;
  readonly onDrop: () => void;
}

/** How a connection ended. */
export interface LiveEnd {
  readonly exit: FfmpegExit;
  readonly isOpened: boolean;
  /** Ended for it: the last picture is HDR and its tones were not to be mapped, or the other way round. */
  readonly isMistaken: boolean;
  /** Ended for it: pictures came in another order than they were taken in, since others were skipped. */
  readonly isOutOfOrder: boolean;
  /** What ffmpeg said after the last picture. */
  readonly lines: readonly LogLine[];
}

/**
 * The chosen pictures of one connection, in the order they came, and as return value how it ended. Holds ffmpeg back only where
 * a playlist comes in pieces, which are played at their pace: when all slots of `pool` are in use, the oldest picture that
 * nobody has taken yet gives way, else the new one. Ends the child and waits for its end, whichever way this ends.
 */
export async function* decodeLive(
  run: LiveDecoding,
  signal: AbortSignal,
): AsyncGenerator<LivePicture, LiveEnd, void> {
  let unlike = 0;
  const order = new PictureOrder();
  const log = new LiveLog(run.onDamage, (note) => {
    if (note.isHdr === true && !run.build.canToneMap) run.onHdr();
    unlike = isUnlike(note, run) ? unlike + 1 : 0;
    // One SDR picture is no proof: a decoder may apply what a message beside the picture says of its curve from the next on.
    if (unlike >= (run.isToneMapped ? 2 : 1)) void child.close();
    order.observe(note.ptsMs);
    if (run.isSkipping && order.isBroken) void child.close();
  });
  const child = openFfmpeg(
    toRun(run, (line) => {
      const wasOpened = log.isOpened;
      log.hear(line);
      if (log.isOpened && !wasOpened) run.onProgress(false);
    }),
    signal,
  );
  const exit = child.exit.finally(() => log.close());
  const handOver = new HandOver();
  const over = new AbortController();
  const waiting = AbortSignal.any([signal, over.signal]);
  const reading = readPictures(child.output, { log, run, handOver }, waiting).finally(() => handOver.end());
  try {
    for (;;) {
      const picture = await handOver.next();
      if (picture === null) break;
      yield picture;
    }
    await reading;
    const { isOpened, lines } = log;
    const isOutOfOrder = run.isSkipping && order.isBroken;
    return { exit: await exit, isOpened, isMistaken: unlike > 0, isOutOfOrder, lines };
  } finally {
    over.abort();
    await child.close();
    await reading;
    while (handOver.dropOldest());
  }
}

interface Reading {
  readonly log: LiveLog;
  readonly run: LiveDecoding;
  readonly handOver: HandOver;
}

async function readPictures(
  bytes: ByteReader,
  { log, run, handOver }: Reading,
  signal: AbortSignal,
): Promise<void> {
  const playOut = new PlayOut(run.stallAfterMs / 2);
  const unused = new Uint8Array(run.model.width * run.model.height * 3);
  let lastMs: number | null = null;
  let isDamageDue = false;
  for (;;) {
    const first = await bytes.byte();
    if (first === -1) return;
    // It is told of before it is sent.
    const note = await log.next();
    if (note === null) return;
    const { ptsMs, isNewGraph } = note;
    isDamageDue ||= note.damaged;
    // New filters forget what they chose last and begin with whatever comes.
    const isSurplus = ptsMs === null || (isNewGraph && isSameCell(lastMs, ptsMs, run.fps));
    lastMs = ptsMs ?? lastMs;
    const isUnfit = isSurplus || isUnlike(note, run);
    const turn = log.isInPieces && ptsMs !== null && !isUnfit ? playOut.next(ptsMs, run.now()) : null;
    if (turn !== null && turn.waitMs > 0) await wait(turn.waitMs, null, { signal }).catch(() => null);
    if (turn !== null && signal.aborted) return; // its turn has not come
    // Not before, so that none is held while nothing comes or it is not yet due.
    const pixels = takeSlot(run.pool, handOver, run.onDrop);
    const target = pixels?.bytes ?? unused;
    target[0] = first;
    if (!(await bytes.fill(target.subarray(1)))) return pixels?.release();
    run.onProgress(true);
    if (pixels === null || ptsMs === null || isUnfit) {
      if (pixels === null && !isUnfit) run.onDrop();
      pixels?.release();
      continue;
    }
    const { arrivalMs, isAnew } = turn ?? { arrivalMs: run.now(), isAnew: false };
    handOver.push({ ptsMs, arrivalMs, isAnew, damaged: isDamageDue, pixels });
    isDamageDue = false;
  }
}

/** The filters in use are not for the tones of this picture. */
function isUnlike({ isHdr }: PictureNote, { build, isToneMapped }: LiveDecoding): boolean {
  return build.canToneMap && isHdr !== null && isHdr !== isToneMapped;
}

function takeSlot(pool: PixelPool, handOver: HandOver, onDrop: () => void): LivePicture['pixels'] | null {
  const free = pool.takeFree();
  if (free !== null || !handOver.dropOldest()) return free;
  onDrop();
  return pool.takeFree();
}

function isSameCell(lastMs: number | null, ptsMs: number, fps: number): boolean {
  return lastMs !== null && Math.floor((lastMs * fps) / 1000) === Math.floor((ptsMs * fps) / 1000);
}

function toRun(run: LiveDecoding, onLine: FfmpegRun['onLine']): FfmpegRun {
  const { url, build, model, silentMs } = run;
  return {
    path: build.path,
    input: url,
    inputOptions: [
      // The camera's own times: without -copyts, jumps would be smoothed away.
      ...words('-loglevel repeat+level+info -copyts -filter_threads 1 -threads 1'),
      ...(run.isSkipping ? SKIP_OTHERS : []),
      ...(run.hardware === null ? [] : toHardwareOptions(run.hardware)),
      ...build.neverGiveUp,
      ...toLiveInputOptions(url, build, silentMs),
    ],
    outputOptions: [
      // The encoder would hold back a picture for each thread but one: 1 s with two cores at 1 frame/s.
      ...words('-map 0:V:0 -c:v rawvideo -threads 1 -pix_fmt rgb24'),
      ...build.passthrough,
      '-vf',
      toFilterGraph(model, run, run.isToneMapped),
      // NUT cannot carry a step back, so times come by stderr; a picture must not wait for the next one.
      ...words('-flush_packets 1 -f rawvideo'),
    ],
    onLine,
    killAfterMs: 1000,
  };
}

function words(text: string): string[] {
  return text.split(' ');
}
