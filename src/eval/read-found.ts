import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { toWords } from '../config/problem-words.js';
import { ConfigError } from '../errors.js';
import { type CsvRow, readCsvRows, toCsvProblem, toLabel } from './csv-rows.js';
import { type FoundData, foundLabelSchema, foundStateSchema } from './found-event-schema.js';
import { type FoundClip, toFoundClips } from './found-events.js';
import type { FoundSegment } from './truth.js';

const READERS = { '.csv': readCsv, '.ndjson': readEvents } as const;

/** Whether a file holds segments by its name, as `tag -o` writes them: segments.csv or events.ndjson. */
export function isSegmentsFile(file: string): boolean {
  return extname(file).toLowerCase() in READERS;
}

/**
 * The segments of the one clip that a file of `tag -o` holds. When they were sure only the events tell, not the CSV. Throws
 * ConfigError when it cannot be read, is something else, or holds several clips.
 */
export async function readFound(file: string): Promise<FoundClip> {
  const read = READERS[extname(file).toLowerCase() as keyof typeof READERS];
  const clips = read(await readText(file), file);
  if (clips.length <= 1) return clips[0] ?? { source: file, durationMs: null, outcome: null, segments: [] };
  const shown = clips.slice(0, 5).map(({ source }) => source);
  const more = clips.length > shown.length ? [`and ${clips.length - shown.length} more`] : [];
  throw new ConfigError(`${file} holds ${clips.length} clips, and truth is of one`, [...shown, ...more], {
    remedy: 'tag each into a folder of its own, or name the videos themselves',
  });
}

function readCsv(text: string, file: string): FoundClip[] {
  const issues: string[] = [];
  const clips = new Map<string, FoundSegment[]>();
  try {
    for (const row of readCsvRows(text, ['path', 'label', 'startMs', 'endMs'])) {
      const segment = toSegment(row, issues);
      const source = row.cells['path']!;
      const segments = clips.get(source) ?? [];
      clips.set(source, segments);
      if (segment !== null) segments.push(segment);
    }
  } catch (error) {
    issues.push(toCsvProblem(error));
  }
  if (issues.length > 0) throw refuse(file, issues);
  return [...clips].map(([source, segments]) => ({ source, durationMs: null, outcome: null, segments }));
}

function toSegment({ line, cells }: CsvRow, issues: string[]): FoundSegment | null {
  const [start, end] = [cells['startms']!, cells['endms']!];
  const [startMs, endMs] = [Number(start), end === '' ? Number.POSITIVE_INFINITY : Number(end)];
  const label = toLabel(cells['label']!);
  if (start !== '' && startMs >= 0 && endMs > startMs && label !== '')
    return { label, startMs, endMs, confirmedMs: null };
  issues.push(`line ${line}: '${label}' from '${start}' to '${end}' is no segment`);
  return null;
}

function readEvents(text: string, file: string): FoundClip[] {
  const issues: string[] = [];
  const events = text.split('\n').flatMap((line, n) => {
    if (line.trim() === '') return [];
    const data = toData(line);
    if (typeof data !== 'string') return { data };
    issues.push(`line ${n + 1}: ${data}`);
    return [];
  });
  if (issues.length > 0) throw refuse(file, issues.slice(0, 5));
  const clips = toFoundClips(events);
  return clips.length > 0
    ? clips
    : [{ source: file, durationMs: null, outcome: 'interrupted', segments: [] }];
}

/** The data of an event, or what is wrong with it in words. */
function toData(line: string): FoundData | string {
  const event = toEvent(line);
  if (event === null) return 'no event of labelcast';
  const schema = event.type.startsWith('io.labelcast.label.') ? foundLabelSchema : foundStateSchema;
  const read = schema.safeParse(event.data, { error: toWords });
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  return `${['data', ...path].join('.')}: ${message}`;
}

function toEvent(line: string): { readonly type: string; readonly data?: unknown } | null {
  try {
    const event = JSON.parse(line) as { readonly type?: unknown; readonly data?: unknown } | null;
    const type = event?.type;
    return typeof type === 'string' && type.startsWith('io.labelcast.') ? { type, data: event!.data } : null;
  } catch {
    return null;
  }
}

function refuse(file: string, issues: readonly string[]): ConfigError {
  return new ConfigError(`${file} does not hold segments`, issues, {
    remedy: 'name segments.csv or events.ndjson as labelcast tag -o writes them',
  });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${file} cannot be read`, [], { remedy: 'check the path', cause });
  }
}
