/** Frame flags of the NUT container that matter to a reader of one uncompressed stream. */
export const FLAG = {
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;

/** What a frame code stands for. */
export interface FrameCode {
  readonly flags: number;
  readonly ptsDelta: number;
  readonly sizeMul: number;
  readonly sizeLsb: number;
  readonly reservedCount: number;
}

/** Media time of one tick is `num / den` seconds. */
export interface TimeBase {
  readonly num: number;
  readonly den: number;
}

/** The parts of a NUT main header that frames refer to. */
export interface MainHeader {
  readonly timeBases: readonly TimeBase[];
  readonly frameCodes: readonly FrameCode[];
}

/** The parts of a NUT stream header that frames refer to. */
export interface StreamHeader {
  readonly timeBaseIndex: number;
  readonly msbPtsShift: number;
}

/** A place in a packet; numbers are NUT's variable-length integers. Reading past the end gives NaN. */
class PacketCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  unsigned(): number {
    let value = 0;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return Number.NaN;
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  }

  signed(): number {
    const value = this.unsigned() + 1;
    return value % 2 === 1 ? -(value - 1) / 2 : value / 2;
  }

  skipBytes(): void {
    const length = this.unsigned();
    this.#at += length;
  }
}

/** Reads a main header packet, without its start code, length and checksum; throws on what is no NUT of version 3 or 4. */
export function readMainHeader(packet: Uint8Array): MainHeader {
  const cursor = new PacketCursor(packet);
  const version = cursor.unsigned();
  if (version !== 3 && version !== 4) throw new Error(`NUT version ${version} is not known`);
  if (version > 3) cursor.unsigned();
  const streams = cursor.unsigned();
  if (streams !== 1) throw new Error(`NUT with ${streams} streams instead of one`);
  cursor.unsigned();
  const timeBases: TimeBase[] = [];
  for (let left = cursor.unsigned(); left > 0; left--) {
    timeBases.push({ num: cursor.unsigned(), den: cursor.unsigned() });
  }
  return { timeBases, frameCodes: readFrameCodes(cursor) };
}

function readFrameCodes(cursor: PacketCursor): FrameCode[] {
  const codes: FrameCode[] = [];
  let ptsDelta = 0;
  let sizeMul = 1;
  while (codes.length < 256) {
    const flags = cursor.unsigned();
    const fields = cursor.unsigned();
    if (Number.isNaN(fields)) throw new Error('NUT main header is cut off');
    if (fields > 0) ptsDelta = cursor.signed();
    if (fields > 1) sizeMul = cursor.unsigned();
    if (fields > 2) cursor.unsigned();
    const sizeLsb = fields > 3 ? cursor.unsigned() : 0;
    const reservedCount = fields > 4 ? cursor.unsigned() : 0;
    const count = fields > 5 ? cursor.unsigned() : sizeMul - sizeLsb;
    for (let field = 6; field < fields; field++) cursor.unsigned();
    addCodes(codes, count, { flags, ptsDelta, sizeMul, sizeLsb, reservedCount });
  }
  return codes;
}

// The code that equals the first byte of every start code is never a frame's, and does not count.
function addCodes(codes: FrameCode[], count: number, first: FrameCode): void {
  for (let step = 0; step < count && codes.length < 256; step++) {
    if (codes.length === 0x4e) codes.push({ ...first, flags: FLAG.invalid });
    codes.push({ ...first, sizeLsb: first.sizeLsb + step });
  }
  if (codes.length === 0x4e) codes.push({ ...first, flags: FLAG.invalid });
}

/** Reads a stream header packet, without its start code, length and checksum. */
export function readStreamHeader(packet: Uint8Array): StreamHeader {
  const cursor = new PacketCursor(packet);
  cursor.unsigned();
  cursor.unsigned();
  cursor.skipBytes();
  const timeBaseIndex = cursor.unsigned();
  const msbPtsShift = cursor.unsigned();
  if (Number.isNaN(msbPtsShift)) throw new Error('NUT stream header is cut off');
  return { timeBaseIndex, msbPtsShift };
}

/** The time in a syncpoint packet, in ticks of the stream's time base. */
export function readSyncpoint(packet: Uint8Array, main: MainHeader, stream: StreamHeader): number {
  const coded = new PacketCursor(packet).unsigned();
  const from = main.timeBases[coded % main.timeBases.length];
  const to = main.timeBases[stream.timeBaseIndex];
  if (from === undefined || to === undefined) throw new Error('NUT syncpoint without a time base');
  return Math.floor((Math.floor(coded / main.timeBases.length) * from.num * to.den) / (from.den * to.num));
}
