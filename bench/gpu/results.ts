/** Execution providers that can be measured. */
export type Device = 'cuda' | 'webgpu' | 'cpu';
export const DEVICES: readonly Device[] = ['cuda', 'webgpu', 'cpu'];

export type Precision = 'fp32' | 'fp16';

/** What is measured of what: one line of the tables of inference. */
interface Subject {
  readonly model: string;
  readonly precision: Precision;
  readonly device: Device;
  /** Frames that are run at once. */
  readonly batch: number;
}

/** ONNX Runtime alone, frames in memory. */
export interface OrtRow extends Subject {
  readonly framesPerSecond: number;
  readonly batchMs: number;
  readonly runs: number;
}

/** labelcast's inference side with all lanes busy, frames in memory, beside ONNX Runtime in turns: medians of the rounds. */
export interface InferenceRow extends Subject {
  readonly framesPerSecond: number;
  readonly bareFramesPerSecond: number;
  readonly rounds: number;
}

/** Decoders of one thread side by side; frames that would be scored. */
export interface DecodeRow {
  readonly clip: string;
  readonly decoders: number;
  readonly framesPerSecond: number;
}

/** `labelcast tag` of several files at once; frames per second from the first scored frame on. */
export interface FilesRow {
  readonly model: string;
  readonly precision: Precision;
  readonly device: Device;
  readonly files: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** From the start of the command to the first scored frame. */
  readonly startSeconds: number;
}

/** `labelcast serve` with looped live streams; ages are from a frame's arrival to its scores, from the histogram. */
export interface LiveRow {
  readonly device: Device;
  /** Of the load limit, percent. */
  readonly loadPercent: number;
  readonly streams: number;
  readonly fps: number;
  readonly seconds: number;
  readonly scored: number;
  readonly dropped: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** Against fp32 on the CPU. */
export interface ScoresRow {
  readonly model: string;
  readonly precision: Precision;
  readonly device: Device;
  readonly frames: number;
  readonly maxDifference: number;
  /** Segments of `labelcast tag`; null: neither side found any, or they were not compared. */
  readonly f1At50: number | null;
  /** Those of the CPU; null: not compared. */
  readonly segments: number | null;
}

/** What nvidia-smi told while a step ran. */
export interface UsageRow {
  readonly step: string;
  readonly samples: number;
  readonly gpuPercentMean: number;
  readonly gpuPercentMax: number;
  readonly memoryMiBMax: number;
}

export interface Facts {
  readonly gpus: readonly { readonly name: string; readonly driver: string; readonly memoryMiB: number }[];
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly labelcast: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly ffmpeg: string;
}

/** How a step ended; `done` says nothing of single lines that could not be run. */
export interface StepState {
  readonly name: string;
  readonly state: 'done' | 'running' | 'waiting' | 'not run';
  readonly seconds: number;
}

/** All that a run found out; what could not be run stands in `notRun`, in words, and nowhere as a number. */
export interface Results {
  readonly schema: 1;
  readonly startedTime: string;
  readonly command: string;
  facts: Facts | null;
  readonly steps: StepState[];
  readonly ort: OrtRow[];
  readonly inference: InferenceRow[];
  readonly decode: DecodeRow[];
  readonly files: FilesRow[];
  readonly live: LiveRow[];
  readonly scores: ScoresRow[];
  readonly usage: UsageRow[];
  readonly notRun: { readonly what: string; readonly reason: string }[];
}

export function emptyResults(command: string, startedTime: string): Results {
  const lists = { steps: [], ort: [], inference: [], decode: [], files: [], live: [], scores: [], usage: [] };
  return { schema: 1, startedTime, command, facts: null, ...lists, notRun: [] };
}
