import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { type BatchHeader, WireReader } from './frame-wire.js';
import type {
  OpenFailure,
  OpenRequest,
  Ready,
  RunReply,
  RunRequest,
  TaggerMessage,
} from './tagger-messages.js';

const SESSION_THREAD = new URL('./session-thread.js', import.meta.url);

interface Session {
  readonly thread: Worker;
  readonly ready: Ready;
  /** Null while it is with the thread. */
  slab: Uint8Array<ArrayBuffer> | null;
}

/**
 * Serves this process's parent until it goes: opens the sessions it asks for, takes batches from `pixels`, answers over
 * the IPC channel. Never returns: the process ends when the parent does, or with status 1 when a session breaks.
 */
export function serveTagger(pixels: Readable): void {
  // a signal to the whole group (Ctrl-C, systemd) must not end the tagger before its parent has drained
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  // a session may be busy for long, and process.exit() would wait for its thread
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  if (!process.connected) process.kill(process.pid, 'SIGKILL');
  process.once('message', (request: OpenRequest) => void open(request, pixels));
}

async function open(request: OpenRequest, pixels: Readable): Promise<void> {
  const opened = await Promise.all(Array.from({ length: request.sessions }, () => openSession(request)));
  const failure = opened.find((one): one is OpenFailure => 'kind' in one);
  if (failure !== undefined) return say(failure);
  const sessions = opened.filter((one): one is Session => !('kind' in one));
  sessions.forEach(({ thread }, lane) =>
    thread.on('message', (reply: RunReply) => take(sessions, lane, reply)),
  );
  const reader = new WireReader(request.width * request.height * 3, {
    slabFor: (header) => slabFor(sessions, header),
    received: (header) => start(sessions, header),
  });
  pixels.on('data', (chunk: Uint8Array) => reader.push(chunk));
  say({ kind: 'ready', warmed: slowest(sessions.map((session) => session.ready.warmed)) });
}

function start(sessions: readonly Session[], { lane, frames, size }: BatchHeader): void {
  const session = sessions[lane]!;
  const slab = session.slab!;
  session.slab = null;
  session.thread.postMessage({ slab, frames, size } satisfies RunRequest, [slab.buffer]);
}

function take(sessions: readonly Session[], lane: number, { slab, ...reply }: RunReply): void {
  sessions[lane]!.slab = slab;
  say({ lane, ...reply });
}

function openSession(request: OpenRequest): Promise<Session | OpenFailure> {
  const thread = new Worker(SESSION_THREAD, { workerData: request });
  thread.on('error', (error) => {
    throw error; // ends this process, which its parent replaces
  });
  return new Promise((resolve) => {
    thread.once('message', (message: Ready | OpenFailure) => {
      if (message.kind === 'failed') resolve(message);
      else resolve({ thread, ready: message, slab: newSlab(request, message) });
    });
  });
}

function newSlab(request: OpenRequest, { warmed }: Ready): Uint8Array<ArrayBuffer> {
  return new Uint8Array(warmed.at(-1)!.size * request.width * request.height * 3);
}

function slabFor(sessions: readonly Session[], { lane, frames, size }: BatchHeader): Uint8Array {
  const session = sessions[lane];
  const warm = session?.ready.warmed.some((one) => one.size === size) === true;
  const slab = session?.slab ?? null;
  if (slab === null || !warm || frames < 1 || frames > size) {
    throw new Error(`no batch of ${frames} padded to ${size} can be taken on lane ${lane} now`);
  }
  return slab;
}

/** The sizes that every session could warm, each with the longest time. */
function slowest(sessions: readonly Ready['warmed'][]): Ready['warmed'] {
  const [first, ...others] = sessions;
  return first!.flatMap(({ size, batchMs }) => {
    const same = others.map((warmed) => warmed.find((one) => one.size === size)?.batchMs);
    return same.every((ms) => ms !== undefined) ? [{ size, batchMs: Math.max(batchMs, ...same) }] : [];
  });
}

function say(message: TaggerMessage): void {
  process.send?.(message);
}
