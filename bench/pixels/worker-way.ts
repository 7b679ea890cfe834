import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FRAME_BYTES } from './camera.js';
import type { SlotPlace, WorkerRequest, WorkerTold } from './ingest-worker.js';
import { NullHost } from './null-host.js';
import { type ChosenFrame, toRequest, type Way, type WayOptions } from './way.js';

interface SharedFrame extends ChosenFrame {
  readonly worker: IngestWorker;
  readonly place: SlotPlace;
}

/** Worker threads read the cameras into shared memory and write to the tagger; the main thread sees which frames there are. */
export async function openWorkerWay(count: number, options: WayOptions): Promise<Way<SharedFrame>> {
  const { batch, cameras } = options;
  const share = (n: number): number =>
    Math.floor(((n + 1) * cameras) / count) - Math.floor((n * cameras) / count);
  const workers = Array.from({ length: count }, (_, n) => new IngestWorker(n, share(n), options));
  await Promise.all(workers.map((worker) => worker.listening));
  const host = await NullHost.open({ ...toRequest(batch), sockets: workers.map(({ socket }) => socket) });
  await Promise.all(workers.map((worker) => worker.start()));
  return {
    taggerPid: host.pid,
    cameraPids: () => workers.flatMap((worker) => worker.pids),
    async tag(lane, frames) {
      const answer = host.answer(lane);
      const sent: SharedFrame[] = [];
      for (const worker of workers) {
        const own = frames.filter((frame) => frame.worker === worker);
        if (own.length === 0) continue;
        const part = { lane, frames: frames.length, size: batch, place: sent.length, count: own.length };
        worker.tell({ part, slots: own.map((frame) => frame.place) });
        sent.push(...own);
      }
      const marks = await answer;
      return Float32Array.from(frames, (frame) => marks[sent.indexOf(frame)]!);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
      await host[Symbol.asyncDispose]();
    },
  };
}

class IngestWorker {
  readonly socket: string;
  readonly listening: Promise<unknown>;
  pids: readonly number[] = [];
  readonly #thread: Worker;
  readonly #memory: SharedArrayBuffer[];
  readonly #options: WayOptions;
  #freed: SlotPlace[] = [];

  constructor(n: number, cameras: number, options: WayOptions) {
    const { folder, slots, pictures } = options;
    this.#options = options;
    this.socket = join(folder, `worker-${n}.sock`);
    this.#memory = Array.from({ length: cameras }, () => new SharedArrayBuffer(slots * FRAME_BYTES));
    const workerData: WorkerRequest = { pictures, socket: this.socket, memory: this.#memory };
    this.#thread = new Worker(new URL('./ingest-worker.js', import.meta.url), { workerData });
    this.listening = once(this.#thread, 'message');
  }

  async start(): Promise<void> {
    const started = once(this.#thread, 'message');
    this.tell('start');
    const [{ pids }] = (await started) as [{ pids: number[] }];
    this.pids = pids;
    this.#thread.on('message', (filled: readonly SlotPlace[]) => {
      for (const place of filled) this.#take(place);
    });
  }

  tell(told: WorkerTold): void {
    this.#thread.postMessage(told);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#thread, 'exit');
    this.tell('end');
    await ended;
  }

  #take(place: SlotPlace): void {
    const bytes = new Uint8Array(this.#memory[place.camera]!, place.slot * FRAME_BYTES, FRAME_BYTES);
    const frame: SharedFrame = { bytes, worker: this, place, release: () => this.#free(place) };
    this.#options.onFrame(frame);
  }

  /** One message for all that are released in one go. */
  #free(place: SlotPlace): void {
    if (this.#freed.length === 0) {
      queueMicrotask(() => {
        this.tell({ free: this.#freed });
        this.#freed = [];
      });
    }
    this.#freed.push(place);
  }
}
