import { open } from 'node:fs/promises';

const HEADER_BYTES = 16;
/** The first fragment comes right after the movie box; a few boxes more may stand before it. */
const MAX_BOXES = 16;

/**
 * Whether a file is a fragmented MP4 (ISO/IEC 14496-12: `moof` boxes), which has no index of all its pictures, so that
 * nobody can tell from inside that the last fragments are missing. False for what is no MP4 or cannot be read.
 */
export async function isFragmentedMp4(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return false;
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    let at = 0;
    for (let n = 0; n < MAX_BOXES; n++) {
      const { bytesRead } = await file.read(header, 0, HEADER_BYTES, at);
      if (bytesRead < 8) return false;
      const type = header.toString('latin1', 4, 8);
      if (type === 'moof' || type === 'sidx') return true;
      const short = header.readUInt32BE(0);
      const size = short === 1 && bytesRead === HEADER_BYTES ? Number(header.readBigUInt64BE(8)) : short;
      if (size < 8) return false; // 0: up to the end of the file
      at += size;
    }
    return false;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
