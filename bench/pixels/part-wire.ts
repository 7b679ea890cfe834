import type { BatchHeader } from '../../src/infer/frame-wire.js';

/** Some frames of a batch that several connections bring: `count` of them, from `place` on. */
export interface PartHeader extends BatchHeader {
  readonly place: number;
  readonly count: number;
}

const HEADER_BYTES = 20;

export function toPartHeaderBytes({ lane, frames, size, place, count }: PartHeader): Uint8Array {
  return new Uint8Array(Uint32Array.of(lane, frames, size, place, count).buffer);
}

/** As `WireReader`, for parts of batches: says where each byte of a connection belongs. */
export class PartReader {
  readonly #frameBytes: number;
  readonly #receiver: PartReceiver;
  readonly #headerBytes = new Uint8Array(HEADER_BYTES);
  #header: PartHeader | null = null;
  #target: Uint8Array = this.#headerBytes;

  constructor(frameBytes: number, receiver: PartReceiver) {
    this.#frameBytes = frameBytes;
    this.#receiver = receiver;
  }

  get target(): Uint8Array {
    return this.#target;
  }

  filled(bytes: number): void {
    this.#target = this.#target.subarray(bytes);
    if (this.#target.length > 0) return;
    const header = this.#header;
    if (header === null) {
      this.#header = this.#readHeader();
      const { place, count } = this.#header;
      const slab = this.#receiver.slabFor(this.#header);
      this.#target = slab.subarray(place * this.#frameBytes, (place + count) * this.#frameBytes);
    } else {
      this.#header = null;
      this.#target = this.#headerBytes;
      this.#receiver.received(header);
    }
  }

  #readHeader(): PartHeader {
    const [lane, frames, size, place, count] = new Uint32Array(this.#headerBytes.buffer);
    return { lane: lane!, frames: frames!, size: size!, place: place!, count: count! };
  }
}

interface PartReceiver {
  /** The lane's slab, of which the part fills its places. */
  slabFor(header: PartHeader): Uint8Array;
  received(header: PartHeader): void;
}
