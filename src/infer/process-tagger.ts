import { cpus } from 'node:os';
import { InferError } from '../errors.js';
import type { Pixels, Scores, Tagger } from '../types.js';
import { ANOTHER, splitScores } from './frame-scores.js';
import { Isolation } from './isolation.js';
import type { Model } from './model.js';
import type { Device, ProviderPlan } from './provider-plan.js';
import type { TaggerChild } from './tagger-child.js';
import { BatchRefusal, TaggerDeath } from './tagger-failures.js';
import type { TaggerLife, TaggerState } from './tagger-life.js';
import { LANES_PER_SESSION, type Provider, type Ready } from './tagger-messages.js';

/** A tagger in a process of its own. Disposing it ends the process and waits for the end. */
export interface TaggerHost extends Tagger, AsyncDisposable {
  /** `device`: what the provider runs on, for people. */
  readonly provider: { readonly requested: Device; readonly effective: Provider; readonly device: string };
  /** With the file of it that runs. */
  readonly model: Model;
  /** At most, frames ready in memory: of the warm batch that was fastest for its size. */
  readonly framesPerSecond: number;
  /** Sizes that are warm, ascending. */
  readonly batchSizes: readonly number[];
  /** The frames of a batch are run one after the other, as of a model for one picture. */
  readonly isOneByOne: boolean;
  /** Threads of each session. */
  readonly fixedThreads: 1;
  readonly state: TaggerState;
  readonly restarts: number;
  /** Of the tagger process, also the next one once the last has died. */
  pid(): Promise<number>;
  /** Batches of files are to have no more frames than this from now on. */
  limitFileBatch(size: number): void;
}

/** The largest batches that memory still allows. */
export interface Shrinkage {
  readonly maxBatch: number;
  readonly fileBatch: number;
}

const ON_GPU = 'see by nvidia-smi who holds memory of the GPU, lower batching.maxSize, or use --device cpu';

/** What to do when memory is short on a provider. */
export const MORE_MEMORY: Readonly<Record<Provider, string>> = {
  cpu: 'free memory, or use a smaller model',
  cuda: ON_GPU,
  webgpu: 'free memory of the GPU, lower batching.maxSize, or use --device cpu',
};

export interface ProcessTaggerOptions {
  readonly life: TaggerLife;
  readonly plan: ProviderPlan;
  readonly ready: Ready;
  readonly requested: Device;
  readonly deviceId: number;
  readonly model: Model;
  readonly isLenient: boolean;
  readonly onShrink: ((now: Shrinkage) => void) | undefined;
}

/** Who died with which batch is known by running the survivors of a death alone. */
export class ProcessTagger implements TaggerHost {
  readonly provider: TaggerHost['provider'];
  readonly model: Model;
  readonly framesPerSecond: number;
  readonly batchSizes: readonly number[];
  readonly isOneByOne: boolean;
  readonly fixedThreads = 1;
  readonly devices = 1;
  readonly lanes: number;
  readonly #life: TaggerLife;
  readonly #isolation = new Isolation();
  readonly #sessions: number;
  readonly #freeLanes: number[];
  readonly #labelCount: number;
  readonly #isLenient: boolean;
  readonly #onShrink: ProcessTaggerOptions['onShrink'];
  #maxBatch: number;
  #fileBatch: number;

  constructor({ life, plan, ready, requested, deviceId, model, isLenient, onShrink }: ProcessTaggerOptions) {
    const device = toDevice(plan.provider, deviceId);
    this.provider = { requested, effective: plan.provider, device };
    this.model = model;
    const paces = ready.warmed.map(({ size, batchMs }) => (1000 * size) / batchMs);
    this.framesPerSecond = plan.sessions * Math.max(...paces);
    this.batchSizes = ready.warmed.map(({ size }) => size);
    this.isOneByOne = ready.isOneByOne;
    this.#sessions = plan.sessions;
    this.lanes = plan.sessions * LANES_PER_SESSION;
    this.#life = life;
    this.#freeLanes = Array.from({ length: this.lanes }, (_, lane) => lane);
    this.#labelCount = model.info.labels.length;
    this.#isLenient = isLenient;
    this.#onShrink = onShrink;
    this.#maxBatch = this.batchSizes.at(-1)!;
    this.#fileBatch = this.batchSizes.findLast((size) => size <= plan.fileBatch)!;
  }

  get maxBatch(): number {
    return this.#maxBatch;
  }

  get fileBatch(): number {
    return this.#fileBatch;
  }

  get fileMode(): string {
    return `${this.provider.effective}/${this.#fileBatch}`;
  }

  get state(): TaggerState {
    return this.#life.state;
  }

  get restarts(): number {
    return this.#life.restarts;
  }

  async pid(): Promise<number> {
    return (await this.#life.child()).pid;
  }

  async tag(frames: readonly Pixels[], { fixed }: { readonly fixed: boolean }): Promise<(Scores | Error)[]> {
    if (frames.length === 0) return [];
    // the size now, for every attempt: a file's frames must never be scored at another
    const fixedSize = fixed ? this.#fileBatch : null;
    const run = () => this.#run(frames, fixedSize);
    const first = await caught(this.#isolation.together(run));
    if (!(first instanceof TaggerDeath)) return first;
    const second = await caught(this.#isolation.alone(run));
    if (!(second instanceof TaggerDeath)) return second;
    const results: (Scores | Error)[] = [];
    for (const frame of frames) {
      const result = await caught(this.#isolation.alone(() => this.#run([frame], fixedSize)));
      results.push(...(result instanceof TaggerDeath ? [toPoison(result)] : result));
    }
    return results;
  }

  limitFileBatch(size: number): void {
    if (size >= this.#fileBatch) return;
    this.#fileBatch = this.batchSizes.findLast((one) => one <= size) ?? this.#fileBatch;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#life[Symbol.asyncDispose]();
  }

  async #run(frames: readonly Pixels[], fixedSize: number | null): Promise<(Scores | Error)[]> {
    const child = await this.#life.child();
    const size = fixedSize ?? sizeFor(child.ready, frames.length);
    try {
      return splitScores(await this.#runOnLane(child, frames, size), this.#labelCount, this.#isLenient);
    } catch (error) {
      if (!(error instanceof BatchRefusal)) throw error;
      if (error.outOfMemory) this.#shrink(size, fixedSize !== null);
      const isHopeless = frames.length === 1 || (error.outOfMemory && fixedSize !== null);
      if (isHopeless) return frames.map(() => this.#toRefused(error));
      return this.#runInParts(frames, fixedSize, error.outOfMemory ? this.#maxBatch : 1);
    }
  }

  async #runOnLane(child: TaggerChild, frames: readonly Pixels[], size: number): Promise<Float32Array> {
    if (frames.length > size)
      throw new RangeError(`${frames.length} frames do not fit in a batch of ${size}`);
    const isWarm = child.ready.warmed.some((one) => one.size === size);
    if (!isWarm)
      throw new BatchRefusal(`no memory for a batch of ${size} since the tagger was restarted`, true);
    const lane = this.#takeLane();
    if (lane === undefined) throw new RangeError(`more than ${this.lanes} batches at once`);
    const pixels = frames.map((frame) => frame.bytes);
    try {
      return await child.run(lane, pixels, size);
    } finally {
      this.#freeLanes.push(lane);
    }
  }

  /** A free lane of the session that has most of its lanes free. */
  #takeLane(): number | undefined {
    const free = (session: number) =>
      this.#freeLanes.filter((lane) => lane % this.#sessions === session).length;
    let best = -1;
    for (const [at, lane] of this.#freeLanes.entries()) {
      if (best < 0 || free(lane % this.#sessions) > free(this.#freeLanes[best]! % this.#sessions)) best = at;
    }
    return best < 0 ? undefined : this.#freeLanes.splice(best, 1)[0];
  }

  async #runInParts(
    frames: readonly Pixels[],
    fixedSize: number | null,
    partSize: number,
  ): Promise<(Scores | Error)[]> {
    const results: (Scores | Error)[] = [];
    for (let at = 0; at < frames.length; at += partSize) {
      results.push(...(await this.#run(frames.slice(at, at + partSize), fixedSize)));
    }
    return results;
  }

  #toRefused(refusal: BatchRefusal): InferError {
    const kind = refusal.outOfMemory
      ? ({ remedy: MORE_MEMORY[this.provider.effective], frameFailure: 'memory' } as const)
      : ({ remedy: ANOTHER, frameFailure: 'refused' } as const);
    return new InferError(`a frame could not be scored: ${refusal.message}`, { ...kind, cause: refusal });
  }

  #shrink(refused: number, isFixed: boolean): void {
    const smaller = this.batchSizes.findLast((size) => size < refused);
    if (smaller === undefined) return;
    this.#maxBatch = Math.min(this.#maxBatch, smaller);
    if (isFixed) this.#fileBatch = Math.min(this.#fileBatch, smaller);
    this.#onShrink?.({ maxBatch: this.#maxBatch, fileBatch: this.#fileBatch });
  }
}

/** A device, for people. */
export function toDevice(provider: Provider, deviceId: number): string {
  return provider === 'cpu' ? (cpus()[0]?.model ?? 'CPU') : `${provider} device ${deviceId}`;
}

async function caught<T>(work: Promise<T>): Promise<T | TaggerDeath> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TaggerDeath) return error;
    throw error;
  }
}

function sizeFor({ warmed }: Ready, frames: number): number {
  return warmed.find(({ size }) => size >= frames)?.size ?? frames;
}

function toPoison(death: TaggerDeath): InferError {
  return new InferError(`a frame kills the tagger, also alone: ${death.message}`, {
    remedy: 'leave this passage out, or try another device',
    frameFailure: 'poison',
    cause: death,
  });
}
