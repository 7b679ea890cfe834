import { IngestError, isLabelcastError, type LabelcastError } from '../errors.js';
import type { FfmpegBuild } from '../ingest/ffmpeg-build.js';
import { readHeader } from '../ingest/source-header.js';
import { type ReportDocument, toLabelNames } from './documents.js';
import { toEditList } from './formats/edit-list.js';
import type { ReportData, ReportSource } from './report-data.js';
import { findVideo } from './video-place.js';

/** Edit lists, and why some sources have none. */
export interface EditLists {
  readonly documents: readonly ReportDocument[];
  readonly problems: readonly LabelcastError[];
}

/** An edit list for each label of each file that is still what was tagged; rejects with the signal's reason when aborted. */
export async function toEditLists(
  { sources, generator }: ReportData,
  build: FfmpegBuild,
  signal: AbortSignal,
): Promise<EditLists> {
  const documents: ReportDocument[] = [];
  const problems: LabelcastError[] = [];
  for (const source of sources) {
    try {
      if (source.labels.length === 0) continue;
      const file = await openFile(source, build, signal);
      const names = toLabelNames(source.labels);
      for (const [n, label] of source.labels.entries()) {
        const text = toEditList(label, file, generator);
        documents.push({ file: `${source.streamId}.${names[n]}.ffconcat`, text });
      }
    } catch (error) {
      if (!isLabelcastError(error)) throw error;
      problems.push(error);
    }
  }
  return { documents, problems };
}

/** Its path, and at which time of its own it begins. */
async function openFile({ streamId, name, kind }: ReportSource, build: FfmpegBuild, signal: AbortSignal) {
  if (kind === 'live')
    throw new IngestError('unsupported', `${name} is live: there is no file to cut`, {
      remedy: 'leave it out: name others with --stream',
    });
  const path = await findVideo(streamId, name);
  if (path === null)
    throw new IngestError('not-found', `${name} is gone, or not what was tagged: there is nothing to cut`, {
      remedy: 'put it back where it was, or tag it where it is now',
    });
  const source = {
    streamId,
    kind,
    sourceUri: name,
    input: `file:${path}`,
    names: [path],
    identity: null,
  } as const;
  const { startMs } = await readHeader(source, build, signal);
  return { path, startMs };
}
