import { ConfigError, InferError } from '../errors.js';
import type { Model } from './model.js';
import { MORE_MEMORY, ProcessTagger, type Shrinkage, type TaggerHost } from './process-tagger.js';
import { type Device, type ProviderPlan, planProvider } from './provider-plan.js';
import { OpenRefusal, TaggerDeath } from './tagger-failures.js';
import { type LifeOptions, TaggerLife } from './tagger-life.js';

export interface TaggerOptions extends Pick<LifeOptions, 'restartDelayMs' | 'onRestart'> {
  readonly model: Model;
  readonly device?: Device;
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
}

const TAGGER_PROCESS = new URL('./tagger-process.js', import.meta.url);
const INSTALL_CUDA =
  'use --device cpu, or fetch the CUDA libraries: ' +
  'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js';
const START_TIMEOUT_MS = 120_000;

/**
 * Starts a tagger and resolves when every batch size is warm. Throws ConfigError when the device cannot be used here,
 * InferError when the model cannot be loaded or does not fit its manifest.
 */
export async function openTagger(options: TaggerOptions): Promise<TaggerHost> {
  const requested = options.device ?? 'auto';
  const best = planProvider(requested);
  const batchSizes = options.isForFilesOnly
    ? best.batchSizes.filter((size) => size <= best.fileBatch) // smaller ones for when memory is short
    : best.batchSizes;
  const plan = { ...best, batchSizes, ...options.plan };
  const life = new TaggerLife(toLifeOptions(options, plan));
  try {
    const { ready } = await life.child();
    const labelCount = options.model.info.labels.length;
    const { isLenient = false, onShrink } = options;
    return new ProcessTagger({ life, plan, ready, requested, labelCount, isLenient, onShrink });
  } catch (error) {
    await life[Symbol.asyncDispose]();
    throw toOpenError(error, requested);
  }
}

function toLifeOptions(options: TaggerOptions, plan: ProviderPlan): LifeOptions {
  const { manifest, file, data, info, input } = options.model;
  const { provider, sessions, batchSizes } = plan;
  const { width, height } = input;
  return {
    entry: options.entry ?? TAGGER_PROCESS,
    request: {
      file,
      sha256: manifest.files.fp32.sha256,
      data,
      prelude: manifest.prelude ?? null,
      width,
      height,
      labelCount: info.labels.length,
      provider,
      sessions,
      batchSizes,
    },
    startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
    watchdogMs: options.watchdogMs ?? ((batchMs) => Math.max(10_000, 20 * batchMs)),
    restartDelayMs: options.restartDelayMs,
    onRestart: options.onRestart,
  };
}

function toOpenError(error: unknown, device: Device): Error {
  if (error instanceof OpenRefusal && error.about === 'provider') {
    return new ConfigError(`the device ${device} cannot be used here: ${error.message}`, [], {
      remedy: device === 'cuda' ? INSTALL_CUDA : 'use --device cpu',
    });
  }
  if (error instanceof OpenRefusal && error.about === 'model') {
    return new InferError(error.message, {
      remedy: 'use a model package whose manifest and model.onnx belong together',
    });
  }
  if (error instanceof OpenRefusal) {
    return new InferError(`there is not enough memory for the model: ${error.message}`, {
      remedy: MORE_MEMORY,
    });
  }
  if (!(error instanceof TaggerDeath)) return error instanceof Error ? error : new Error(String(error));
  return new InferError(`the tagger cannot be started: ${error.message}`, {
    remedy: '`labelcast doctor` checks the model and the provider',
  });
}

export type { TaggerHost } from './process-tagger.js';
