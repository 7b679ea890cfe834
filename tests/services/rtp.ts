const MAX_PAYLOAD = 1400;

/** The RTP packets of one picture (RFC 6184: single units, larger ones in fragments), numbered from `sequence` on. */
export function toPackets(
  picture: readonly Uint8Array[],
  { sequence, ticks }: { readonly sequence: number; readonly ticks: number },
): Buffer[] {
  const payloads = picture.flatMap((unit) => (unit.length <= MAX_PAYLOAD ? [unit] : toFragments(unit)));
  return payloads.map((payload, index) => {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = 96 | (index === payloads.length - 1 ? 0x80 : 0);
    header.writeUInt16BE((sequence + index) & 0xffff, 2);
    header.writeUInt32BE(ticks % 2 ** 32, 4);
    header.writeUInt32BE(0x1abe1, 8);
    return Buffer.concat([header, payload]);
  });
}

function toFragments(unit: Uint8Array): Uint8Array[] {
  const type = unit[0]! & 31;
  const indicator = (unit[0]! & 0xe0) | 28;
  const fragments: Uint8Array[] = [];
  for (let at = 1; at < unit.length; at += MAX_PAYLOAD) {
    const isFirst = at === 1;
    const isLast = at + MAX_PAYLOAD >= unit.length;
    const head = Buffer.from([indicator, (isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | type]);
    fragments.push(Buffer.concat([head, unit.subarray(at, at + MAX_PAYLOAD)]));
  }
  return fragments;
}

/** The pictures of an H.264 byte stream that has access unit delimiters, each as its NAL units. */
export function readPictures(bytes: Buffer): Buffer[][] {
  const pictures: Buffer[][] = [];
  let from = bytes.indexOf('000001', 0, 'hex');
  while (from !== -1) {
    const next = bytes.indexOf('000001', from + 3, 'hex');
    // The zero before a start code of four bytes is none of the unit's.
    let end = next === -1 ? bytes.length : next;
    while (bytes[end - 1] === 0) end -= 1;
    const unit = bytes.subarray(from + 3, end);
    if ((unit[0]! & 31) === 9) pictures.push([]);
    else pictures.at(-1)?.push(unit);
    from = next;
  }
  return pictures;
}
