import { stat } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { identifyFile } from '../ingest/file-identity.js';

/**
 * The file of a source, if it is still there and still what was tagged: a streamId ends in 8 digits of its identity. It is
 * only looked for, not into, when `signal` has aborted.
 */
export async function findVideo(
  streamId: string,
  path: string,
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const info = await stat(path);
    if (!info.isFile() || info.size === 0) return null;
    if (signal?.aborted) return path;
    return streamId.endsWith(`~${(await identifyFile(path, info.size)).slice(0, 8)}`) ? path : null;
  } catch {
    return null; // gone, or not for us
  }
}

/**
 * A file's address in a report: relative when both lie in one folder or in neighbouring ones, so that they can be moved
 * together; else absolute. `reportFile` null: the report lies nowhere.
 */
export function toVideoUrl(path: string, reportFile: string | null): string {
  const video = pathToFileURL(path);
  if (reportFile === null) return video.href;
  // of addresses, not of paths, so that what is escaped stays so
  const from = dirname(pathToFileURL(reportFile).pathname);
  const way = posix.relative(from, video.pathname);
  if (way.startsWith('../../') || way === '') return video.href;
  return way.split('/')[0]!.includes(':') ? `./${way}` : way;
}
