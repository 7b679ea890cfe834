// Measures the pipe from the main process to the tagger process, without inference: frames of 416 × 416 RGB are
// written as the tagger host writes them, and read and copied as the tagger process reads them.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { toHeaderBytes, WireReader } from '../src/infer/frame-wire.js';
import { PIXELS_FD } from '../src/infer/tagger-messages.js';

const FRAME_BYTES = 416 * 416 * 3;
const FRAMES = 5000;

if (process.send === undefined) await measure();
else serve();

function serve(): void {
  const slab = new Uint8Array(FRAME_BYTES);
  const reader = new WireReader(FRAME_BYTES, {
    slabFor: () => slab,
    received: () => process.send!({ cpu: process.cpuUsage() }),
  });
  const options: SocketConstructorOpts & ConnectOpts = {
    fd: PIXELS_FD,
    readable: true,
    writable: false,
    onread: { buffer: () => reader.target, callback: (bytes) => (reader.filled(bytes), true) },
  };
  new Socket(options);
}

/** One frame on the way at a time, each awaited, as with one lane of one frame. */
async function measure(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
  });
  const pipe = child.stdio[PIXELS_FD] as Writable;
  const frame = new Uint8Array(FRAME_BYTES).fill(114);
  const before = process.cpuUsage();
  const startedMs = performance.now();
  let reader = before;
  for (let n = 0; n < FRAMES; n++) {
    pipe.cork();
    pipe.write(toHeaderBytes({ lane: 0, frames: 1, size: 1 }));
    pipe.write(frame);
    pipe.uncork();
    const [answer] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
    reader = answer.cpu;
  }
  const tookMs = performance.now() - startedMs;
  const writer = process.cpuUsage(before);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const perFrameMs = ({ user, system }: NodeJS.CpuUsage) => ((user + system) / 1000 / FRAMES).toFixed(3);
  const rate = Math.round((FRAMES / tookMs) * 1000);
  process.stdout.write(
    `pipe to the tagger, 416x416: ${rate} frames/s; CPU a frame: writer ${perFrameMs(writer)} ms, reader ${perFrameMs(reader)} ms\n`,
  );
}
