import { Worker } from 'node:worker_threads';
import { type BatchHeader, WireReader } from './frame-wire.js';
import {
  LANES_PER_SESSION,
  type OpenFailure,
  type OpenRequest,
  type Ready,
  type RunReply,
  type RunRequest,
  type TaggerMessage,
} from './tagger-messages.js';

const SESSION_THREAD = new URL('./session-thread.js', import.meta.url);

interface Session {
  readonly thread: Worker;
  readonly ready: Ready;
}

interface Lane {
  readonly session: Session;
  /** Null while it is with the session's thread. */
  slab: Uint8Array<ArrayBuffer> | null;
}

/** Starts to read the pipe that brings batches, each byte to where the reader wants it. */
export type OpenPixels = (reader: WireReader) => unknown;

/**
 * Serves this process's parent until it goes: opens the sessions it asks for, takes batches from the pipe, answers over
 * the IPC channel. Never returns: the process ends when the parent does, or with status 1 when a session breaks.
 */
export function serveTagger(openPixels: OpenPixels): void {
  // a signal to the whole group (Ctrl-C, systemd) must not end the tagger before its parent has drained
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  // a session may be busy for long, and process.exit() would wait for its thread
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  if (!process.connected) process.kill(process.pid, 'SIGKILL');
  process.once('message', (request: OpenRequest) => void open(request, openPixels));
}

async function open(request: OpenRequest, openPixels: OpenPixels): Promise<void> {
  const opened = await Promise.all(Array.from({ length: request.sessions }, () => openSession(request)));
  const failure = opened.find((one): one is OpenFailure => 'kind' in one);
  if (failure !== undefined) return say(failure);
  const sessions = opened.filter((one): one is Session => !('kind' in one));
  const lanes = Array.from({ length: request.sessions * LANES_PER_SESSION }, (_, lane): Lane => {
    const session = sessions[lane % request.sessions]!;
    return { session, slab: newSlab(request, session.ready) };
  });
  for (const { thread } of sessions) thread.on('message', (reply: RunReply) => take(lanes, reply));
  const reader = new WireReader(request.width * request.height * 3, {
    slabFor: (header) => slabFor(lanes, header),
    received: (header) => start(lanes, header),
  });
  openPixels(reader);
  const { isOneByOne } = sessions[0]!.ready; // they are alike
  say({ kind: 'ready', warmed: slowest(sessions.map((session) => session.ready.warmed)), isOneByOne });
}

function start(lanes: readonly Lane[], { lane, frames, size }: BatchHeader): void {
  const { session, slab } = lanes[lane]!;
  lanes[lane]!.slab = null;
  session.thread.postMessage({ lane, slab: slab!, frames, size } satisfies RunRequest, [slab!.buffer]);
}

function take(lanes: readonly Lane[], { slab, ...answer }: RunReply): void {
  lanes[answer.lane]!.slab = slab;
  say(answer);
}

function openSession(request: OpenRequest): Promise<Session | OpenFailure> {
  const thread = new Worker(SESSION_THREAD, { workerData: request });
  thread.on('error', (error) => {
    throw error; // ends this process, which its parent replaces
  });
  return new Promise((resolve) => {
    thread.once('message', (message: Ready | OpenFailure) => {
      if (message.kind === 'failed') resolve(message);
      else resolve({ thread, ready: message });
    });
  });
}

function newSlab(request: OpenRequest, { warmed }: Ready): Uint8Array<ArrayBuffer> {
  return new Uint8Array(warmed.at(-1)!.size * request.width * request.height * 3);
}

function slabFor(lanes: readonly Lane[], { lane, frames, size }: BatchHeader): Uint8Array {
  const warm = lanes[lane]?.session.ready.warmed.some((one) => one.size === size) === true;
  const slab = lanes[lane]?.slab ?? null;
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
