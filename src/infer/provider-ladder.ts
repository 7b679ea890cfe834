import { existsSync, readdirSync } from 'node:fs';
import { InferError } from '../errors.js';
import { readGolden } from './golden.js';
import type { Model } from './model.js';
import { makeNoise, score } from './model-proof.js';
import { OpenRefusal } from './tagger-failures.js';
import type { TaggerHost, TaggerOptions } from './tagger-host.js';
import type { Provider } from './tagger-messages.js';

/** What `auto` made of a provider. */
export interface Rung {
  readonly provider: Provider;
  readonly isTaken: boolean;
  /** In words: why it is refused, or what it was measured at. */
  readonly why: string;
}

/** How a provider stands beside the CPU. */
export interface Comparison {
  /** The largest difference of a score. */
  readonly furthest: number;
  /** Frames a second, frames ready in memory, as a multiple of the CPU's. */
  readonly pace: number;
}

interface Climbing {
  readonly signal: AbortSignal | null;
  readonly open: (provider: Provider, more?: Partial<TaggerOptions>) => Promise<TaggerHost>;
  readonly onRung: (rung: Rung) => void;
}

/** A score that a GPU gives may be off by this much from the CPU's. */
export const MAX_DIFFERENCE = 0.02;

/** What takes longer for a first batch is no GPU; libraries of CUDA may have to be read from a slow disk. */
const PROBE_TIMEOUT_MS: Readonly<Record<Provider, number>> = { cuda: 30_000, webgpu: 10_000, cpu: 30_000 };
const PROBE: Partial<TaggerOptions> = {
  plan: { batchSizes: [1, 8], fileBatch: 8 },
  // nobody is to hear of a tagger that may never be used
  onRestart: () => {},
  onShrink: () => {},
};
const MAX_FRAMES = 8;

/**
 * Opens the first of CUDA, WebGPU and the CPU that is at least as fast as the CPU and scores as it does. A GPU is tried only where
 * there may be one. Throws what `open` throws of the CPU, and InferError when `signal` aborts.
 */
export async function climb(model: Model, { open, onRung, signal }: Climbing): Promise<TaggerHost> {
  const candidates = candidatesHere(process.platform, process.env);
  const cpu = await open('cpu');
  for (const provider of candidates) {
    const more = { ...PROBE, startTimeoutMs: PROBE_TIMEOUT_MS[provider] };
    const refusal = await probe(model, cpu, () => open(provider, more));
    if (signal?.aborted === true) break;
    if (typeof refusal === 'string') {
      onRung({ provider, isTaken: false, why: refusal });
      continue;
    }
    try {
      const best = await open(provider);
      onRung({ provider, isTaken: true, why: toWords(refusal) });
      await cpu[Symbol.asyncDispose]();
      return best;
    } catch (error) {
      onRung({ provider, isTaken: false, why: toText(error) });
    }
  }
  if (signal?.aborted !== true) return cpu;
  await cpu[Symbol.asyncDispose]();
  throw new InferError('the tagger was closed');
}

/** Why a provider is refused, or how it compares. */
async function probe(
  model: Model,
  cpu: TaggerHost,
  open: () => Promise<TaggerHost>,
): Promise<string | Comparison> {
  try {
    await using tagger = await open();
    const comparison = await compare(model, tagger, cpu);
    return refusalOf(comparison) ?? comparison;
  } catch (error) {
    return toText(error);
  }
}

/** Why a provider that compares so is not to be used; null: it may be. */
export function refusalOf({ furthest, pace }: Comparison): string | null {
  if (!(furthest <= MAX_DIFFERENCE))
    return `a score differs from the CPU's by ${furthest.toFixed(3)}, allowed are ${MAX_DIFFERENCE}`;
  return pace < 1 ? `it is slower than the CPU: ${pace.toFixed(2)} times its frames a second` : null;
}

/** What is said of a provider that is used. */
export function toWords({ furthest, pace }: Comparison): string {
  return `${pace.toFixed(1)} times the frames a second of the CPU, scores within ${furthest.toFixed(4)} of it`;
}

/** Scores the golden frames, or noise where a package has none, on both. Throws what the taggers throw. */
export async function compare(model: Model, tagger: TaggerHost, cpu: TaggerHost): Promise<Comparison> {
  const { dir, input, info } = model;
  const golden = await readGolden(dir, input, info.labels.length);
  const frames = golden?.frames.slice(0, MAX_FRAMES) ?? makeNoise(MAX_FRAMES, input.width * input.height * 3);
  let furthest = 0;
  for (const frame of frames) {
    const [[mine], [theirs]] = await Promise.all([score(tagger, [frame]), score(cpu, [frame])]);
    for (const [label, value] of mine!.entries())
      furthest = Math.max(furthest, Math.abs(value - theirs![label]!));
  }
  return { furthest, pace: tagger.framesPerSecond / cpu.framesPerSecond };
}

/** The GPU providers that may work here: each is tried by a process of its own, which takes a second or more. */
export function candidatesHere(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): Provider[] {
  if (platform !== 'linux') return ['webgpu']; // Metal or Direct3D, which every desktop has
  const isNvidia = ['/dev/nvidiactl', '/dev/dxg'].some((file) => existsSync(file));
  const isNamed = [env['VK_ICD_FILENAMES'], env['VK_DRIVER_FILES']].some((files) => (files ?? '') !== '');
  const candidates: Provider[] = isNvidia || (env['LABELCAST_ORT_LIBS'] ?? '') !== '' ? ['cuda'] : [];
  return isNvidia || isNamed || hasRenderNode() ? [...candidates, 'webgpu'] : candidates;
}

function hasRenderNode(): boolean {
  try {
    return readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  } catch {
    return false;
  }
}

/** What the tagger process said, where it said something. */
function toText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof OpenRefusal ? error.cause.message : error.message;
}
