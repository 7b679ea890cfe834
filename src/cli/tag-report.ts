import { join } from 'node:path';
import { isLabelcastError, PublishError } from '../errors.js';
import type { FfmpegBuild } from '../ingest/ffmpeg-build.js';
import { addPictures } from '../report/add-pictures.js';
import { type ReportDocument, toDocuments } from '../report/documents.js';
import { toReportHtml } from '../report/html.js';
import { readReport, type ReportJournal } from '../report/read-report.js';
import { writeDocument } from '../report/write-document.js';

interface TagReportOptions {
  readonly journal: ReportJournal;
  readonly build: FfmpegBuild;
  /** Of labelcast. */
  readonly version: string;
}

/**
 * Writes `<streamId>.vtt` of each stream of the journal and `report.html` into a folder, without more thumbnails once
 * `signal` aborts. Never rejects: resolves to why something could not be written.
 */
export async function writeTagReport(
  folder: string,
  { journal, build, version }: TagReportOptions,
  signal: AbortSignal,
): Promise<Error[]> {
  const failures: Error[] = [];
  const attempt = async (what: string, step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (cause) {
      failures.push(isLabelcastError(cause) ? cause : toFailure(what, folder, cause));
    }
  };
  const write = ({ file, text }: ReportDocument) =>
    attempt(file, () => writeDocument(join(folder, file), text));
  await attempt('the report', async () => {
    const read = await readReport(journal, { made: new Date(), version });
    for (const subtitles of toDocuments(read, 'vtt')) await write(subtitles);
    await attempt('report.html', async () => {
      const file = join(folder, 'report.html');
      await writeDocument(
        file,
        toReportHtml(await addPictures(read.data, { reportFile: file, build }, signal)),
      );
    });
  });
  return failures;
}

function toFailure(what: string, folder: string, cause: unknown): PublishError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new PublishError(`${what} of ${folder} could not be made: ${why}`, {
    remedy: 'the labels are safe in the journal: `labelcast report` with its path tries again',
    cause,
  });
}
