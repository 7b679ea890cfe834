import { dirname, extname, join, resolve } from 'node:path';
import { ConfigError } from '../errors.js';
import type { ReportDocument } from '../report/documents.js';
import { writeDocument } from '../report/write-document.js';
import { isFolder, makeFolder } from './output-folder.js';

/** Where a report goes that is one document; null: to standard output. Its folder is made. Throws ConfigError. */
export function toReportFile(output: string | undefined, name: string): string | null {
  if (output === undefined || output === '-') return null;
  const file = output.endsWith('/') || isFolder(output) ? join(resolve(output), name) : resolve(output);
  makeFolder(dirname(file));
  return file;
}

/**
 * Writes documents to -o: into a folder, made when it is not there, or one alone into a file; without it, or with `-`, one
 * alone by `print`. Resolves to the files written. Throws ConfigError and PublishError.
 */
export async function deliver(
  documents: readonly ReportDocument[],
  output: string | undefined,
  print: (text: string) => Promise<void>,
): Promise<string[]> {
  const [first] = documents;
  if (first === undefined) return [];
  const isAlone = documents.length === 1;
  if (output === undefined || output === '-') {
    if (!isAlone) throw refuseMany(documents);
    await print(first.text);
    return [];
  }
  if (isAlone) {
    const file = toReportFile(output, first.file)!; // not standard output
    await writeDocument(file, first.text);
    return [file];
  }
  if (output.endsWith(extname(first.file)) && !isFolder(output))
    throw refuseOneFile(output, documents.length);
  makeFolder(output);
  const files = documents.map(({ file }) => join(resolve(output), file));
  for (const [n, { text }] of documents.entries()) await writeDocument(files[n]!, text);
  return files;
}

function refuseOneFile(output: string, count: number): ConfigError {
  return new ConfigError(`${output} looks like one file, and these are ${count} documents`, [], {
    remedy: 'name a folder, or choose one with --stream or --label',
  });
}

function refuseMany(documents: readonly ReportDocument[]): ConfigError {
  const shown = documents.slice(0, 5).map(({ file }) => file);
  const more = documents.length > shown.length ? [`and ${documents.length - shown.length} more`] : [];
  return new ConfigError(
    `these are ${documents.length} documents, and standard output takes one`,
    [...shown, ...more],
    { remedy: 'name a folder with -o, or choose one with --stream or --label' },
  );
}
