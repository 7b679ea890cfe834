import { availableParallelism } from 'node:os';
import type { FfmpegBuild } from '../ingest/ffmpeg-build.js';
import { makeThumbnails, type ThumbnailSheet } from '../ingest/thumbnails.js';
import type { ReportData, ReportSource, Thumbnails } from './report-data.js';
import { findVideo, toVideoUrl } from './video-place.js';

/** Where pictures come from and go to. */
export interface PictureOptions {
  /** Null: it is not written to a file. */
  readonly reportFile: string | null;
  /** Null: no thumbnails. */
  readonly build: FfmpegBuild | null;
}

/** As many in a report of up to an hour and in each hour of a longer one; no source has more. */
const TILES_PER_HOUR = 120;
const MOST_TILES = 2400;
/** No closer together. */
const TILE_EVERY_MS = 1000;
/** Of all JPEGs of an hour; a third more as text. */
const BYTES_PER_TILE = 750_000 / TILES_PER_HOUR;
const HOUR_MS = 3_600_000;

/**
 * A report with the addresses of its videos and with thumbnails, where files are still what was tagged. What cannot be had
 * is left out; once `signal` aborts, no more videos are looked into.
 */
export async function addPictures(
  data: ReportData,
  options: PictureOptions,
  signal: AbortSignal,
): Promise<ReportData> {
  const totalMs = data.sources.reduce(
    (sum, { kind, durationMs }) => sum + (kind === 'file' ? durationMs : 0),
    0,
  );
  const tiles = Math.min(MOST_TILES, TILES_PER_HOUR * Math.max(1, totalMs / HOUR_MS));
  const sources: ReportSource[] = [];
  const waiting = data.sources.entries();
  const work = async (): Promise<void> => {
    for (const [n, source] of waiting) {
      const count = Math.min(
        TILES_PER_HOUR,
        (tiles * source.durationMs) / totalMs,
        source.durationMs / TILE_EVERY_MS,
      );
      sources[n] = await addToSource(source, { ...options, count: Math.max(1, Math.round(count)) }, signal);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return { ...data, sources };
}

async function addToSource(
  source: ReportSource,
  { reportFile, build, count }: PictureOptions & { readonly count: number },
  signal: AbortSignal,
): Promise<ReportSource> {
  const { name, kind, streamId, durationMs } = source;
  if (kind === 'live') return source;
  // with what was cut out of it, an address leads nowhere
  if (URL_NAME.test(name))
    return { ...source, video: name.includes('***') || /^file:/i.test(name) ? null : name };
  const path = await findVideo(streamId, name, signal);
  if (path === null) return source;
  const video = toVideoUrl(path, reportFile);
  if (build === null || durationMs === 0 || signal.aborted) return { ...source, video };
  const order = { path, build, durationMs, count, maxBytes: Math.floor(count * BYTES_PER_TILE) };
  const sheet = await makeThumbnails(order, signal);
  return { ...source, video, thumbnails: sheet === null ? null : toThumbnails(sheet, durationMs) };
}

const URL_NAME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Without what comes after the part of a file that was tagged. */
function toThumbnails({ jpeg, timesMs, ...tile }: ThumbnailSheet, durationMs: number): Thumbnails {
  const image = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
  return { image, ...tile, timesMs: timesMs.filter((timeMs, n) => n === 0 || timeMs < durationMs) };
}
