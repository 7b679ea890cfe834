import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { type Config, toSinkName } from '../../config/config.js';
import { readFreeBytes } from '../../publish/disk-room.js';
import { whyNotWritable } from '../serve-check.js';
import { type Finding, fail, ok, warn } from './finding.js';

const LOW_BYTES = 1 << 30;
const FULL_BYTES = 64 << 20;

/** A folder, and what is written there. */
interface Place {
  readonly folder: string;
  readonly use: string;
}

/** The files of NDJSON sinks, the folder for temporary files, and the room on each disk. */
export function checkDisks(config: Config, journalFile: string): Finding[] {
  const files = config.sinks.flatMap((sink) =>
    sink.ndjson === undefined ? [] : [{ name: toSinkName(sink), path: resolve(sink.ndjson.path) }],
  );
  const temporary = tmpdir();
  const places = [
    { folder: dirname(journalFile), use: 'journal' },
    { folder: temporary, use: 'temporary files' },
    ...files.map(({ name, path }) => ({ folder: dirname(path), use: `sink ${name}` })),
  ];
  return [
    ...files.map(({ name, path }) => checkFile(name, path)),
    ...checkTemporary(temporary),
    ...byDisk(places).map((some) => judgeDisk(some, readFreeBytes(some[0]!.folder))),
  ];
}

function checkFile(name: string, path: string): Finding {
  const why = whyNotWritable(path);
  if (why === null) return ok('sink', `${name}: ${path} can be written`);
  const remedy =
    'create the folder, give this user the right to write there, or name another file in ndjson.path';
  return fail('sink', `${name}: ${path} cannot be written: ${why}`, remedy);
}

function checkTemporary(folder: string): Finding[] {
  const why = whyNotWritable(resolve(folder, 'labelcast'));
  if (why === null) return [];
  return [
    fail('disk', `temporary files cannot be made: ${why}`, 'set TMPDIR to a folder that can be written'),
  ];
}

/** Those that are there, those on one disk together. */
function byDisk(places: readonly Place[]): Place[][] {
  const disks = new Map<number, Place[]>();
  for (const place of places) {
    const found = statSync(place.folder, { throwIfNoEntry: false });
    if (found === undefined) continue; // said elsewhere
    disks.set(found.dev, [...(disks.get(found.dev) ?? []), place]);
  }
  return [...disks.values()];
}

/** `places`: on one disk. */
export function judgeDisk(places: readonly Place[], freeBytes: number): Finding {
  const folders = [...new Set(places.map(({ folder }) => folder))].map((folder) => {
    const uses = places.filter((place) => place.folder === folder).map(({ use }) => use);
    return `${folder} (${uses.join(', ')})`;
  });
  const text = `${toSize(freeBytes)} free in ${folders.join(' and ')}`;
  if (freeBytes >= LOW_BYTES) return ok('disk', text);
  const remedy = 'free some space there: on a full disk files wait and cameras go unseen';
  return freeBytes < FULL_BYTES ? fail('disk', text, remedy) : warn('disk', text, remedy);
}

function toSize(bytes: number): string {
  return bytes < LOW_BYTES ? `${Math.floor(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
