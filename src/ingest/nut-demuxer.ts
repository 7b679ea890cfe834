import { IngestError } from '../errors.js';
import type { Pixels } from '../types.js';
import type { ByteReader } from './byte-reader.js';
import { FLAG, type MainHeader, type StreamHeader } from './nut-header.js';
import { readMainHeader, readStreamHeader, readSyncpoint } from './nut-header.js';

/** One uncompressed picture as it came out of ffmpeg; whoever receives it owns its pixels. */
export interface NutFrame {
  readonly ptsUs: number;
  readonly pixels: Pixels;
}

const FILE_ID = 'nut/multimedia container\0';
const MAIN = 0x7a561f5f04adn;
const STREAM = 0x11405bf2f9dbn;
const SYNCPOINT = 0xe4adeeca4569n;
const MAX_PACKET_BYTES = 1 << 20;

/**
 * Reads the frames of a NUT stream that holds one rawvideo stream, each copied straight into the slot that `takeSlot`
 * gives; a slot is asked for before the next byte is read. Ends at the end of the data, in a frame's middle too, or
 * when `takeSlot` gives null; throws IngestError when the data are no such stream.
 */
export async function* readNut(
  bytes: ByteReader,
  takeSlot: () => Promise<Pixels | null>,
): AsyncGenerator<NutFrame, void, void> {
  const reader = new NutReader(bytes);
  if (!(await reader.start())) return;
  for (;;) {
    const header = await reader.frameHeader();
    if (header === null) return;
    const pixels = await takeSlot();
    if (pixels === null) return;
    if (header.size !== pixels.bytes.length) {
      pixels.release();
      throw refuse(`a frame of ${header.size} bytes instead of ${pixels.bytes.length}`);
    }
    if (!(await reader.fill(pixels.bytes))) return pixels.release();
    yield { ptsUs: header.ptsUs, pixels };
  }
}

interface FrameHeader {
  readonly ptsUs: number;
  readonly size: number;
}

class NutReader {
  readonly #bytes: ByteReader;
  #main: MainHeader | null = null;
  #stream: StreamHeader | null = null;
  #lastPts = 0;

  constructor(bytes: ByteReader) {
    this.#bytes = bytes;
  }

  /** False when there is no data at all. */
  async start(): Promise<boolean> {
    const id = new Uint8Array(FILE_ID.length);
    if (!(await this.#bytes.fill(id))) return false;
    if (Buffer.from(id).toString('latin1') !== FILE_ID) throw refuse('no NUT stream');
    return true;
  }

  fill(target: Uint8Array): Promise<boolean> {
    return this.#bytes.fill(target);
  }

  /** Skips packets that are no frames; null at the end of the data. */
  async frameHeader(): Promise<FrameHeader | null> {
    for (;;) {
      const code = await this.#bytes.byte();
      if (code === -1) return null;
      if (code !== 0x4e) return this.#frame(code);
      if (!(await this.#packet())) return null;
    }
  }

  async #packet(): Promise<boolean> {
    const code = new Uint8Array(7);
    if (!(await this.#bytes.fill(code))) return false;
    const kind = code.subarray(1).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const length = await this.#unsigned();
    if (!(length <= MAX_PACKET_BYTES)) return refuseAtEnd(length, `a packet of ${length} bytes`);
    if (length > 4096 && !(await this.#bytes.fill(new Uint8Array(4)))) return false;
    const packet = new Uint8Array(length);
    if (!(await this.#bytes.fill(packet))) return false;
    this.#take(kind, packet.subarray(0, Math.max(0, length - 4)));
    return true;
  }

  #take(kind: bigint, packet: Uint8Array): void {
    if (kind === MAIN) this.#main = readMainHeader(packet);
    else if (kind === STREAM) this.#stream = readStreamHeader(packet);
    else if (kind === SYNCPOINT && this.#main !== null && this.#stream !== null) {
      this.#lastPts = readSyncpoint(packet, this.#main, this.#stream);
    }
  }

  async #frame(code: number): Promise<FrameHeader | null> {
    const kind = this.#main?.frameCodes[code];
    const base = this.#main?.timeBases[this.#stream?.timeBaseIndex ?? -1];
    if (kind === undefined || base === undefined) throw refuse('a frame before its headers');
    const coded = kind.flags & FLAG.coded ? await this.#unsigned() : 0;
    if (Number.isNaN(coded)) return null;
    const flags = kind.flags ^ coded;
    if (flags & FLAG.invalid) throw refuse(`the invalid frame code ${code}`);
    if (flags & FLAG.streamId) await this.#unsigned();
    const pts = flags & FLAG.codedPts ? this.#fullPts(await this.#unsigned()) : this.#lastPts + kind.ptsDelta;
    const size = kind.sizeLsb + (flags & FLAG.sizeMsb ? kind.sizeMul * (await this.#unsigned()) : 0);
    if (flags & FLAG.matchTime) await this.#unsigned();
    if (flags & FLAG.headerIndex) await this.#unsigned();
    const reserved = flags & FLAG.reserved ? await this.#unsigned() : kind.reservedCount;
    for (let left = reserved; left > 0; left--) await this.#unsigned();
    if (flags & FLAG.checksum && !(await this.#bytes.fill(new Uint8Array(4)))) return null;
    if (Number.isNaN(pts + size + reserved)) return null;
    this.#lastPts = pts;
    return { ptsUs: Math.round((pts * base.num * 1e6) / base.den), size };
  }

  // Small numbers are the low bits of a time near the last one, larger ones a whole time.
  #fullPts(coded: number): number {
    const range = 2 ** (this.#stream?.msbPtsShift ?? 0);
    if (!(coded < range)) return coded - range;
    const lowest = this.#lastPts - Math.floor((range - 1) / 2);
    return lowest + ((((coded - lowest) % range) + range) % range);
  }

  /** A variable-length integer; NaN at the end of the data. */
  async #unsigned(): Promise<number> {
    let value = 0;
    for (;;) {
      const byte = await this.#bytes.byte();
      if (byte === -1) return Number.NaN;
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  }
}

function refuseAtEnd(length: number, what: string): false {
  if (Number.isNaN(length)) return false;
  throw refuse(what);
}

function refuse(what: string): IngestError {
  const remedy = 'Use another ffmpeg build (ffmpeg.path or FFMPEG_PATH) and report this.';
  return new IngestError('decode', `ffmpeg sent ${what}`, { remedy });
}
