import { dirname, join } from 'node:path';
import type { Config } from '../config/config.js';
import { IngestError } from '../errors.js';
import { findFfmpeg, type FfmpegBuild } from '../ingest/ffmpeg-build.js';
import { openSnapshot } from '../publish/journal-snapshot.js';
import { addPictures } from '../report/add-pictures.js';
import { type ReportDocument, toDocuments } from '../report/documents.js';
import { toEditLists } from '../report/edit-lists.js';
import { toReportHtml } from '../report/html.js';
import { readReport, type Report } from '../report/read-report.js';
import { isAddress } from '../report/report-data.js';
import { findJournal } from './find-journal.js';
import { EXIT_PIPE, toMessage, toPrintable } from './messages.js';
import type { ReportFlags } from './report-flags.js';
import { deliver, toReportFile } from './report-target.js';
import { StandardOutput } from './standard-output.js';
import { StopSignals } from './stop-signals.js';

/**
 * `labelcast report`: writes what a journal holds in one format; resolves to the exit status, 1 when a part of it could not
 * be made. Throws ConfigError and PublishError when nothing can be read or written.
 */
export async function report(
  where: string | undefined,
  flags: ReportFlags,
  { config, version }: { readonly config: Config; readonly version: string },
): Promise<number> {
  using stop = new StopSignals(() => {});
  using pipe = new StandardOutput();
  const journalFile = findJournal(where, config.journal.path);
  const output = flags.output ?? (flags.format === 'html' ? join(dirname(journalFile), 'report.html') : '-');
  const read = await readWhole(journalFile, flags, version);
  for (const note of toNotes(read, flags, journalFile)) say(note);
  try {
    const made = await make(read, { flags, output, config }, stop.signal);
    stop.signal.throwIfAborted();
    for (const problem of made.problems) say(`error: ${problem}`);
    const files = await deliver(made.documents, output, pipe.write);
    say(toWritten(files));
    if (pipe.closed.aborted) return pipe.failure === null ? EXIT_PIPE : 1;
    return made.problems.length === 0 ? 0 : 1;
  } catch (error) {
    if (stop.status !== null) return stop.status;
    throw error;
  }
}

async function readWhole(
  journalFile: string,
  { stream: streams, label: labels }: ReportFlags,
  version: string,
): Promise<Report> {
  await using snapshot = await openSnapshot(journalFile);
  // awaited here: the snapshot ends with this block
  return await readReport(snapshot.journal, { streams, labels, made: new Date(), version });
}

interface Making {
  readonly flags: ReportFlags;
  readonly output: string;
  readonly config: Config;
}

/** The documents, and in words what could not be made. */
async function make(
  read: Report,
  { flags: { format, thumbnails }, output, config }: Making,
  signal: AbortSignal,
): Promise<{ documents: readonly ReportDocument[]; problems: readonly string[] }> {
  if (format === 'vtt' || format === 'srt' || format === 'csv')
    return { documents: toDocuments(read, format), problems: [] };
  if (format === 'concat') {
    const lists = await toEditLists(read.data, await findBuild(config), signal);
    return { documents: lists.documents, problems: lists.problems.map(toMessage) };
  }
  // known before pictures are made, which takes a while
  const file = toReportFile(output, `report.${format}`);
  const build = format === 'html' && thumbnails ? await findBuildForPictures(config) : null;
  const data = await addPictures(read.data, { reportFile: file, build }, signal);
  if (format === 'json') return { documents: toDocuments({ ...read, data }, format), problems: [] };
  for (const { name, kind, video, state } of data.sources)
    if (kind === 'file' && video === null && state !== 'failed' && !isAddress(name))
      say(`no pictures of ${toPrintable(name)}: it is gone, or another file now`);
  return { documents: [{ file: 'report.html', text: toReportHtml(data) }], problems: [] };
}

function findBuild(config: Config): Promise<FfmpegBuild> {
  return findFfmpeg(config.ffmpeg.path ?? null, process.env);
}

/** Null when there is no ffmpeg, which is said: a report is worth having without them. */
async function findBuildForPictures(config: Config): Promise<FfmpegBuild | null> {
  try {
    return await findBuild(config);
  } catch (error) {
    if (!(error instanceof IngestError)) throw error;
    say(`no thumbnails: ${toMessage(error)}`);
    return null;
  }
}

/** What people may not expect of a report. */
function toNotes({ data }: Report, { label: wanted = [] }: ReportFlags, journalFile: string): string[] {
  if (data.sources.length === 0) return [`the journal ${toPrintable(journalFile)} holds no stream yet`];
  const shown = new Set(data.sources.flatMap(({ labels }) => labels.map(({ label }) => label)));
  const unseen = wanted.filter((label) => !shown.has(label));
  const pruned = data.sources.filter(({ wholeFromTime }) => wholeFromTime !== undefined);
  return [
    ...unseen.map((label) => `no segment of ${toPrintable(label)} is there`),
    ...pruned.map(
      ({ streamId, wholeFromTime }) =>
        `${streamId}: what was before ${wholeFromTime} is no longer in the journal`,
    ),
  ];
}

function toWritten(files: readonly string[]): string | null {
  const [first] = files;
  if (first === undefined) return null;
  const what = files.length === 1 ? first : `${files.length} files in ${dirname(first)}`;
  return `written: ${toPrintable(what)}`;
}

function say(text: string | null): void {
  if (text !== null) process.stderr.write(`${text}\n`);
}
