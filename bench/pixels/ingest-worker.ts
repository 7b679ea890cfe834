// A worker thread that owns some cameras: reads their frames into shared memory, tells the main thread of each, and writes
// those that it is told to straight to the tagger.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { Pixels } from '../../src/types.js';
import { Camera, FRAME_BYTES } from './camera.js';
import { type PartHeader, toPartHeaderBytes } from './part-wire.js';

export interface WorkerRequest {
  readonly pictures: string;
  readonly socket: string;
  /** Memory of each camera's slots. */
  readonly memory: readonly SharedArrayBuffer[];
}

/** A slot of one of the worker's cameras. */
export interface SlotPlace {
  readonly camera: number;
  readonly slot: number;
}

/** What a worker says: that it listens, the processes of its cameras, then the slots that hold new frames. */
type WorkerSaid = 'listening' | { readonly pids: readonly number[] } | readonly SlotPlace[];

/** What a worker is told: to begin, to write slots as a part of a batch, that slots are free again, or to end. */
export type WorkerTold =
  | 'start'
  | 'end'
  | { readonly part: PartHeader; readonly slots: readonly SlotPlace[] }
  | { readonly free: readonly SlotPlace[] };

const { pictures, socket: path, memory } = workerData as WorkerRequest;
const port = parentPort!;
let tagger: Socket;

class SlotPool {
  readonly slots: Uint8Array[];
  readonly #free: number[];
  #waiting: ((slot: number) => void) | null = null;

  constructor(shared: SharedArrayBuffer) {
    const count = shared.byteLength / FRAME_BYTES;
    this.slots = Array.from(
      { length: count },
      (_, n) => new Uint8Array(shared, n * FRAME_BYTES, FRAME_BYTES),
    );
    this.#free = this.slots.map((_, n) => n);
  }

  async take(): Promise<number> {
    return this.#free.pop() ?? (await new Promise<number>((resolve) => (this.#waiting = resolve)));
  }

  giveBack(slot: number): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) this.#free.push(slot);
    else waiting(slot);
  }
}

const filled: SlotPlace[] = [];
const pools = memory.map((shared) => new SlotPool(shared));
let cameras: Camera[] = [];

port.on('message', (told: WorkerTold) => {
  if (told === 'start') start();
  else if (told === 'end') void end();
  else if ('free' in told) for (const { camera, slot } of told.free) pools[camera]!.giveBack(slot);
  else {
    tagger.cork();
    tagger.write(toPartHeaderBytes(told.part));
    for (const { camera, slot } of told.slots) tagger.write(pools[camera]!.slots[slot]!);
    tagger.uncork();
  }
});
const server = createServer((socket) => {
  tagger = socket.on('error', () => {});
});
server.listen(path);
await once(server, 'listening');
say('listening');

function start(): void {
  cameras = pools.map(() => new Camera(pictures));
  say({ pids: cameras.map(({ pid }) => pid) });
  for (const n of cameras.keys()) void read(n);
}

async function read(camera: number): Promise<void> {
  const pool = pools[camera]!;
  let slot = 0;
  const takeSlot = async (): Promise<Pixels> => {
    slot = await pool.take();
    return { bytes: pool.slots[slot]!, hash: () => 0, release: () => {} };
  };
  for await (const _ of cameras[camera]!.frames(takeSlot)) report({ camera, slot });
}

/** One message for all frames that came in one go: what wakes the main thread costs more than what it says. */
function report(place: SlotPlace): void {
  if (filled.length === 0) setImmediate(() => say(filled.splice(0)));
  filled.push(place);
}

async function end(): Promise<void> {
  await Promise.all(cameras.map((camera) => camera[Symbol.asyncDispose]()));
  process.exit(); // of this thread
}

function say(message: WorkerSaid): void {
  port.postMessage(message);
}
