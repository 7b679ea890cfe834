import type { Prelude } from './manifest.js';

/** Execution providers that can be asked of ONNX Runtime. */
export type Provider = 'cpu' | 'cuda' | 'webgpu';

/** A file that is refused when it is another than that of its sha256, at every start. */
export interface ModelFile {
  readonly file: string;
  readonly sha256: string;
}

/** What the tagger process is to open: the first message to it, and what each of its session threads gets. */
export interface OpenRequest extends ModelFile {
  /** Files that hold weights of the model, with the names by which it asks for them. */
  readonly data: readonly (ModelFile & { readonly path: string })[];
  /** Null: the model takes frames as they are, and gives scores. */
  readonly prelude: Prelude | null;
  readonly width: number;
  readonly height: number;
  readonly labelCount: number;
  readonly provider: Provider;
  /** Of CUDA's devices; of no meaning to other providers. */
  readonly deviceId: number;
  /** Where CUDA's libraries are; null for other providers. */
  readonly cuda: { readonly provider: string; readonly folders: readonly string[] } | null;
  /** Sessions side by side, `LANES_PER_SESSION` lanes each: lane n is one of session n % sessions. */
  readonly sessions: number;
  /** Sizes to warm, ascending. */
  readonly batchSizes: readonly number[];
}

/** All sessions are warm. */
export interface Ready {
  readonly kind: 'ready';
  /** Sizes that could be warmed, ascending, with the time a warm batch of each took. */
  readonly warmed: readonly { readonly size: number; readonly batchMs: number }[];
  /** The frames of a batch are run one after the other. */
  readonly isOneByOne: boolean;
}

/** The sessions cannot be opened; the process ends. */
export interface OpenFailure {
  readonly kind: 'failed';
  readonly about: 'model' | 'provider' | 'memory';
  readonly message: string;
  /** What to do about it; absent: what is usual for `about`. */
  readonly remedy?: string | undefined;
}

/** The scores of a lane's batch: frames × labels, padding left out. */
export interface Scored {
  readonly kind: 'scored';
  readonly lane: number;
  readonly scores: Float32Array;
}

/** The runtime would not run a lane's batch; the process goes on. */
export interface Refused {
  readonly kind: 'refused';
  readonly lane: number;
  readonly outOfMemory: boolean;
  readonly message: string;
}

/** What the tagger process says to its host. */
export type TaggerMessage = Ready | OpenFailure | Scored | Refused;

/** What the tagger process asks of a session thread; the slab travels with it and comes back with the answer. */
export interface RunRequest {
  readonly lane: number;
  readonly slab: Uint8Array<ArrayBuffer>;
  readonly frames: number;
  readonly size: number;
}

/** What a session thread answers to a run. */
export type RunReply = { readonly slab: Uint8Array<ArrayBuffer> } & (Scored | Refused);

/** One batch is on its way while another is scored: the pipe takes a tenth of the time that a frame does. */
export const LANES_PER_SESSION = 2;

/** The tagger process's end of the pipe that brings batches; file descriptor 3 is the IPC channel. */
export const PIXELS_FD = 4;
