import { ConfigError, InferError } from '../errors.js';
import { findCudaLibraries, toCudaRemedy } from './cuda-libraries.js';
import { FallbackTagger } from './fallback-tagger.js';
import { type Model, type Precision, toPrecision } from './model.js';
import { MORE_MEMORY, ProcessTagger, toDevice, type Shrinkage, type TaggerHost } from './process-tagger.js';
import { climb, type Rung } from './provider-ladder.js';
import { type Device, type ProviderPlan, planProvider } from './provider-plan.js';
import { SpreadTagger } from './spread-tagger.js';
import { OpenRefusal, TaggerDeath } from './tagger-failures.js';
import { type LifeOptions, TaggerLife } from './tagger-life.js';
import type { Provider } from './tagger-messages.js';

export interface TaggerOptions extends Pick<LifeOptions, 'restartDelayMs' | 'onRestart'> {
  readonly model: Model;
  readonly device?: Device | undefined;
  /** Numbers of CUDA's devices, a tagger process each; absent: the first. Other providers choose their device themselves. */
  readonly devices?: readonly number[] | undefined;
  readonly precision?: Precision | undefined;
  /** Frames in a batch at most: larger sizes need not be warm. */
  readonly maxBatch?: number | undefined;
  /** Only files will be tagged: other batch sizes need not be warm. */
  readonly isForFilesOnly?: boolean;
  /** In place of what is best for the provider. */
  readonly plan?: Partial<Omit<ProviderPlan, 'provider'>>;
  /** The program of the tagger process. */
  readonly entry?: URL;
  readonly startTimeoutMs?: number;
  /** How long a batch may take, from the time one took when warm. */
  readonly watchdogMs?: (batchMs: number) => number;
  /** Scores that are no probabilities are given too, to whoever judges the model; else such a frame fails. */
  readonly isLenient?: boolean;
  /** Told when a batch could not be allocated. */
  readonly onShrink?: (now: Shrinkage) => void;
  /** Told of each provider that `auto` tried, once it is decided. */
  readonly onRung?: (rung: Rung) => void;
  /** Gives up opening. */
  readonly signal?: AbortSignal;
  /** Told when one of several devices is given up and the others go on, and why. */
  readonly onLost?: (tagger: TaggerHost, device: string, why: string) => void;
  /** Told when the GPU that `auto` chose is lost and the CPU goes on, and why. */
  readonly onFallback?: (tagger: TaggerHost, why: string) => void;
}

const TAGGER_PROCESS = new URL('./tagger-process.js', import.meta.url);
const START_TIMEOUT_MS = 120_000;

/**
 * Starts a tagger and resolves when every batch size is warm. Throws ConfigError when the device cannot be used here,
 * InferError when the model cannot be loaded or does not fit its manifest, or when `signal` aborts.
 */
export async function openTagger(options: TaggerOptions): Promise<TaggerHost> {
  const { device = 'auto', onRung = () => {}, onFallback = () => {} } = options;
  if (device !== 'auto') return openAll(options, device);
  let fallback: FallbackTagger | null = null;
  const best = await climb(options.model, {
    signal: options.signal ?? null,
    open: (provider, more = {}) =>
      openAll({ ...options, ...more }, provider, (why) => fallback?.giveWay(why)),
    onRung,
  });
  if (best.provider.effective === 'cpu') return best;
  // with the same file of the model, since events name it
  const onCpu = () => openOne({ ...options, model: best.model }, 'cpu', 0);
  fallback = new FallbackTagger(best, { open: onCpu, onFallback });
  return fallback;
}

/** On each of the devices asked for. `onGiveUp`: told of each that is given up. */
async function openAll(
  given: TaggerOptions,
  provider: Provider,
  onGiveUp: (why: string) => void = () => {},
): Promise<TaggerHost> {
  const options = { ...given, model: toPrecision(given.model, given.precision ?? 'auto', provider) };
  const { devices = [0] } = options;
  if (provider !== 'cuda' || devices.length === 1)
    return openOne(options, provider, devices[0] ?? 0, onGiveUp);
  let spread: SpreadTagger | null = null;
  const tellOf = (id: number) => (why: string) => {
    if (spread !== null && spread.state !== 'failed') options.onLost?.(spread, toDevice(provider, id), why);
    onGiveUp(why);
  };
  const opening = await Promise.allSettled(devices.map((id) => openOne(options, provider, id, tellOf(id))));
  const taggers = opening.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failure = opening.find((one) => one.status === 'rejected');
  if (failure === undefined) {
    spread = new SpreadTagger(taggers);
    return spread;
  }
  await Promise.all(taggers.map((tagger) => tagger[Symbol.asyncDispose]()));
  throw failure.reason;
}

async function openOne(
  options: TaggerOptions,
  provider: Provider,
  deviceId: number,
  onGiveUp?: (why: string) => void,
): Promise<TaggerHost> {
  const { device: requested = 'auto', model, isLenient = false, onShrink, maxBatch } = options;
  const best = planProvider(provider, maxBatch === undefined ? {} : { maxBatch });
  const batchSizes = options.isForFilesOnly
    ? best.batchSizes.filter((size) => size <= best.fileBatch) // smaller ones for when memory is short
    : best.batchSizes;
  const plan = { ...best, batchSizes, ...options.plan };
  const life = new TaggerLife({ ...toLifeOptions(options, plan, deviceId), onGiveUp });
  const close = () => void life[Symbol.asyncDispose]();
  options.signal?.addEventListener('abort', close);
  if (options.signal?.aborted === true) close();
  try {
    const { ready } = await life.child();
    return new ProcessTagger({ life, plan, ready, requested, deviceId, model, isLenient, onShrink });
  } catch (error) {
    await life[Symbol.asyncDispose]();
    throw toOpenError(error, provider);
  } finally {
    options.signal?.removeEventListener('abort', close);
  }
}

function toLifeOptions(options: TaggerOptions, plan: ProviderPlan, deviceId: number): LifeOptions {
  const { manifest, file, fileSha256, data, info, input } = options.model;
  const { provider, sessions, batchSizes } = plan;
  const { width, height } = input;
  const cuda = provider === 'cuda' ? findCudaLibraries(process.env) : null;
  return {
    entry: options.entry ?? TAGGER_PROCESS,
    environment: cuda?.environment,
    request: {
      file,
      sha256: fileSha256,
      data,
      prelude: manifest.prelude ?? null,
      width,
      height,
      labelCount: info.labels.length,
      provider,
      deviceId,
      cuda: cuda === null ? null : { provider: cuda.provider, folders: cuda.folders },
      sessions,
      batchSizes,
    },
    startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
    watchdogMs: options.watchdogMs ?? ((batchMs) => Math.max(10_000, 20 * batchMs)),
    restartDelayMs: options.restartDelayMs,
    onRestart: options.onRestart,
  };
}

function toOpenError(error: unknown, provider: Provider): Error {
  if (error instanceof OpenRefusal && error.about === 'provider') {
    return new ConfigError(`the device ${provider} cannot be used here: ${error.message}`, [], {
      remedy: error.remedy ?? (provider === 'cuda' ? toCudaRemedy() : 'use --device cpu'),
      cause: error,
    });
  }
  if (error instanceof OpenRefusal && error.about === 'model') {
    return new InferError(error.message, {
      remedy: error.remedy ?? 'use a model package whose manifest and model.onnx belong together',
    });
  }
  if (error instanceof OpenRefusal) {
    return new InferError(`there is not enough memory for the model: ${error.message}`, {
      remedy: MORE_MEMORY[provider],
    });
  }
  if (!(error instanceof TaggerDeath)) return error instanceof Error ? error : new Error(String(error));
  return new InferError(`the tagger cannot be started: ${error.message}`, {
    remedy: provider === 'cpu' ? '`labelcast doctor` checks the model and the provider' : 'use --device cpu',
  });
}

export type { TaggerHost } from './process-tagger.js';
export type { Rung } from './provider-ladder.js';
