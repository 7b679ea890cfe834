import { fileURLToPath } from 'node:url';

/** A source as people know it: the path of a file, else the URL. */
export function toName(sourceUri: string): string {
  return toPath(sourceUri) ?? sourceUri;
}

/** Where a file lies; null for what is none. */
export function toPath(sourceUri: string): string | null {
  try {
    return /^file:/i.test(sourceUri) ? fileURLToPath(sourceUri) : null;
  } catch {
    return null; // its bytes are no UTF-8, or it is of another system
  }
}
