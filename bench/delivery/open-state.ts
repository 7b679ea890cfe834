import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openJournal } from '../../src/publish/journal.js';

const run = promisify(execFile);
const LIMIT = { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 };

/** The state topic, as `labelcast consume --state` prints it, beside the journal. */
export interface OpenState {
  /** Segments that the journal holds open. */
  readonly open: number;
  /** Of these, left out by the command, since nothing was heard of them for too long. */
  readonly expired: number;
  /** Segments that the journal holds open and the command does not know, and the other way round. */
  readonly strange: readonly string[];
}

/** Runs the command as a user does and compares what it prints with the journal, which nobody may have at the time. */
export async function readOpenState(
  file: string,
  brokers: readonly string[],
  prefix: string,
): Promise<OpenState> {
  await using journal = await openJournal({ path: file });
  const segments = (await journal.segments()).filter(({ endMs }) => endMs === null);
  const held = new Set(segments.map(toLine));
  const args = ['consume', '--state', '--json', '--kafka', brokers.join(','), '--topic-prefix', prefix];
  const { stdout, stderr } = await run(process.execPath, ['dist/src/cli/main.js', ...args], LIMIT);
  const printed = stdout.split('\n').filter((line) => line !== '');
  const told = new Set(printed.map((line) => toLine(JSON.parse(line) as OpenSegment)));
  const expired = Number(/^(\d+) segments? (?:is|are) left out/m.exec(stderr)?.[1] ?? 0);
  const unknown = [...told].filter((line) => !held.has(line));
  const lacking = [...held].filter((line) => !told.has(line));
  const strange = lacking.length === expired ? unknown : [...unknown, ...lacking];
  return { open: held.size, expired, strange };
}

interface OpenSegment {
  readonly streamId: string;
  readonly label: string;
  readonly epoch: string;
  readonly segmentId: string;
  readonly startMs: number;
}

function toLine({ streamId, label, epoch, segmentId, startMs }: OpenSegment): string {
  return [streamId, label, epoch, segmentId, startMs].join(' ');
}
