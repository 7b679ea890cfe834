// Preloaded into the measured process (`node --import`): a line for each frame of a camera that was scored, in the file that
// LABELCAST_BENCH_FRAMES names: stream, media time, number in the picture, then when its last byte had come by the pipe and
// when its scores were there, UTC in ms since 1970. LABELCAST_BENCH_CAPACITY: frames of a stream that may wait.
import { createWriteStream } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { Batcher } from '../src/infer/batcher.js';
import { HandOver, type LivePicture } from '../src/ingest/live-hand-over.js';
import { hostClock } from '../src/ingest/live-source.js';
import type { Frame, Lane, Pixels } from '../src/types.js';
import { readNumber } from './live/numbered-clip.js';

const file = process.env['LABELCAST_BENCH_FRAMES'];
const capacity = process.env['LABELCAST_BENCH_CAPACITY'];

// Children inherit the preload by way of execArgv; only the process that was asked for is measured.
if (isMainThread && file !== undefined && process.send === undefined) {
  delete process.env['LABELCAST_BENCH_FRAMES'];
  watch(file, capacity === undefined ? {} : { capacity: Number(capacity) });
}

function watch(target: string, changed: { readonly capacity?: number }): void {
  const lines = createWriteStream(target, { flags: 'a' });
  const arrivals = new WeakMap<Pixels, number>();
  const handOver = Reflect.get(HandOver.prototype, 'push');
  HandOver.prototype.push = function (picture: LivePicture) {
    arrivals.set(picture.pixels, picture.arrivalMs);
    handOver.call(this, picture);
  };
  const open = Reflect.get(Batcher.prototype, 'open');
  Batcher.prototype.open = function (streamId, options): Lane {
    const lane = open.call(this, streamId, { ...options, ...changed });
    const push = lane.push.bind(lane);
    lane.push = (frame: Frame) => {
      const { ptsMs, pixels } = frame;
      const number = readNumber(pixels.bytes, Math.sqrt(pixels.bytes.length / 3)); // the model takes squares
      const hash = pixels.hash.bind(pixels);
      // asked for once, at the moment the scores are there
      pixels.hash = () => {
        lines.write(`${streamId} ${ptsMs} ${number} ${arrivals.get(pixels)} ${hostClock()}\n`);
        return hash();
      };
      return push(frame);
    };
    return lane;
  };
}
