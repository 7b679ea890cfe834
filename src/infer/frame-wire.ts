/** One batch on its way to the tagger: for which of its lanes, how many frames, padded to how many. */
export interface BatchHeader {
  readonly lane: number;
  readonly frames: number;
  readonly size: number;
}

export const HEADER_BYTES = 12;

/** The bytes that precede a batch's frames on the pipe to the tagger. */
export function toHeaderBytes({ lane, frames, size }: BatchHeader): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  [lane, frames, size].forEach((value, n) => view.setUint32(n * 4, value, true));
  return new Uint8Array(view.buffer);
}

/** Where a reader puts a batch's frames, and whom it tells when they are all there. */
export interface BatchReceiver {
  /** Memory for at least `frames` frames; throws when the header makes no sense. */
  slabFor(header: BatchHeader): Uint8Array;
  received(header: BatchHeader): void;
}

interface Arriving {
  readonly header: BatchHeader;
  readonly slab: Uint8Array;
  filled: number;
}

/** Takes the pipe's chunks, however they are cut, and copies the frames to where the receiver wants them. */
export class WireReader {
  readonly #frameBytes: number;
  readonly #receiver: BatchReceiver;
  readonly #headerBytes = new Uint8Array(HEADER_BYTES);
  #headerFilled = 0;
  #batch: Arriving | null = null;

  constructor(frameBytes: number, receiver: BatchReceiver) {
    this.#frameBytes = frameBytes;
    this.#receiver = receiver;
  }

  /** The chunk's bytes are copied; it may be reused when this returns. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      at += this.#batch === null ? this.#takeHeader(chunk, at) : this.#takeFrames(this.#batch, chunk, at);
    }
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    const part = chunk.subarray(at, at + HEADER_BYTES - this.#headerFilled);
    this.#headerBytes.set(part, this.#headerFilled);
    this.#headerFilled += part.length;
    if (this.#headerFilled === HEADER_BYTES) {
      const view = new DataView(this.#headerBytes.buffer);
      const header = {
        lane: view.getUint32(0, true),
        frames: view.getUint32(4, true),
        size: view.getUint32(8, true),
      };
      this.#headerFilled = 0;
      this.#batch = { header, slab: this.#receiver.slabFor(header), filled: 0 };
    }
    return part.length;
  }

  #takeFrames(batch: Arriving, chunk: Uint8Array, at: number): number {
    const wanted = batch.header.frames * this.#frameBytes;
    const part = chunk.subarray(at, at + wanted - batch.filled);
    batch.slab.set(part, batch.filled);
    batch.filled += part.length;
    if (batch.filled === wanted) {
      this.#batch = null;
      this.#receiver.received(batch.header);
    }
    return part.length;
  }
}
