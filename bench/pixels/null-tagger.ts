// A tagger process without a model: takes batches by the pipe, by sockets or from a file, each straight into its lane's
// slab, and answers at once.
import { read } from 'node:fs';
import { type ConnectOpts, connect, Socket, type SocketConstructorOpts } from 'node:net';
import { setPriority } from 'node:os';
import { type BatchHeader, WireReader } from '../../src/infer/frame-wire.js';
import { type OpenRequest, PIXELS_FD, type TaggerMessage } from '../../src/infer/tagger-messages.js';
import { FRAME_BYTES } from './camera.js';
import { PartReader } from './part-wire.js';
import { newSlabs, toMark } from './way.js';

/** The tagger's end of the file that holds batches. */
export const FILE_FD = 5;

/** `sockets`: paths to connect to; a batch without them comes by the pipe, or by a message from the file. */
export type NullRequest = OpenRequest & { readonly sockets?: readonly string[] };

setPriority(10); // as the real one
process.once('disconnect', () => process.exit());
process.once('message', open);

function open(request: NullRequest): void {
  const slabs = newSlabs(request.batchSizes.at(-1)!);
  const answer = ({ lane, frames }: BatchHeader): void => {
    const scores = new Float32Array(frames * request.labelCount); // as many bytes as a model's
    for (let n = 0; n < frames; n++)
      scores[n] = toMark(slabs[lane]!.subarray(n * FRAME_BYTES, (n + 1) * FRAME_BYTES));
    say({ kind: 'scored', lane, scores });
  };
  const slabFor = ({ lane }: BatchHeader): Uint8Array => slabs[lane]!;

  new Socket(readingInto(new WireReader(FRAME_BYTES, { slabFor, received: answer }), { fd: PIXELS_FD }));
  const missing = slabs.map(() => 0);
  for (const path of request.sockets ?? []) {
    const reader = new PartReader(FRAME_BYTES, {
      slabFor,
      received: ({ count, ...header }) => {
        const left = (missing[header.lane] || header.frames) - count;
        missing[header.lane] = left;
        if (left === 0) answer(header);
      },
    });
    connect({ path, ...readingInto(reader, {}) });
  }
  process.on('message', (header: BatchHeader) => {
    const bytes = header.frames * FRAME_BYTES;
    const slab = slabFor(header);
    read(FILE_FD, slab, 0, bytes, header.lane * slab.length, (error, got) => {
      if (error !== null || got !== bytes) throw error ?? new Error(`${got} of ${bytes} bytes`);
      answer(header);
    });
  });
  say({ kind: 'ready', warmed: [{ size: request.batchSizes.at(-1)!, batchMs: 1 }], isOneByOne: false });
}

interface Reader {
  readonly target: Uint8Array;
  filled(bytes: number): void;
}

function readingInto(reader: Reader, more: SocketConstructorOpts): SocketConstructorOpts & ConnectOpts {
  const callback = (bytes: number): boolean => {
    reader.filled(bytes);
    return true;
  };
  return { readable: true, writable: false, onread: { buffer: () => reader.target, callback }, ...more };
}

function say(message: TaggerMessage): void {
  process.send?.(message);
}
