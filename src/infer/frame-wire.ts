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

/** Says where each byte of the pipe belongs, so that frames are read straight to where the receiver wants them. */
export class WireReader {
  readonly #frameBytes: number;
  readonly #receiver: BatchReceiver;
  readonly #headerBytes = new Uint8Array(HEADER_BYTES);
  /** The batch whose frames come now; null: a header comes. */
  #header: BatchHeader | null = null;
  #target: Uint8Array = this.#headerBytes;

  constructor(frameBytes: number, receiver: BatchReceiver) {
    this.#frameBytes = frameBytes;
    this.#receiver = receiver;
  }

  /** Memory for the next bytes, of which no more may be read than fit; never empty. */
  get target(): Uint8Array {
    return this.#target;
  }

  /** The first `bytes` bytes of `target` have come. */
  filled(bytes: number): void {
    this.#target = this.#target.subarray(bytes);
    if (this.#target.length > 0) return;
    const header = this.#header;
    if (header === null) {
      this.#header = this.#readHeader();
      this.#target = this.#receiver.slabFor(this.#header).subarray(0, this.#header.frames * this.#frameBytes);
    } else {
      this.#header = null;
      this.#target = this.#headerBytes;
      this.#receiver.received(header);
    }
  }

  #readHeader(): BatchHeader {
    const view = new DataView(this.#headerBytes.buffer);
    return {
      lane: view.getUint32(0, true),
      frames: view.getUint32(4, true),
      size: view.getUint32(8, true),
    };
  }
}
