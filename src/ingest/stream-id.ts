import { createHash } from 'node:crypto';

const MAX_SLUG_CHARS = 71;

/**
 * A streamId: the readable part of a file's name, `~`, and 8 hex digits of `identity`, or of the SHA-256 of `location` when
 * there is none. At most 80 of `[A-Za-z0-9._~-]`.
 */
export function toStreamId(baseName: string, identity: string | null, location: string): string {
  const digits = identity ?? createHash('sha256').update(location).digest('hex');
  return `${toSlug(baseName)}~${digits.slice(0, 8)}`;
}

function toSlug(baseName: string): string {
  const plain = baseName.normalize('NFKD').replace(/\p{M}/gu, '');
  const slug = plain.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '');
  return slug.slice(0, MAX_SLUG_CHARS).replace(/-+$/, '') || 'video';
}
