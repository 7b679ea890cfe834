import { existsSync } from 'node:fs';
import { PublishError } from '../../errors.js';
import type { JournalFile } from '../../publish/journal-failure.js';
import { inspectJournal } from '../../publish/journal-inspection.js';
import { whyNotWritable } from '../serve-check.js';
import { type Finding, fail, ok, toFailure } from './finding.js';

/** Whether a run can keep its journal in this file; `isNamed`: a user named it, so that what is wrong with it is a fault. */
export async function checkJournal(file: JournalFile, isNamed: boolean): Promise<Finding> {
  const finding = await look(file);
  if (isNamed || finding.status !== 'fail') return finding;
  return { ...finding, status: 'warn', text: `${finding.text} (only serve would use it)` };
}

async function look(file: JournalFile): Promise<Finding> {
  const { path, setting } = file;
  const why = whyNotWritable(path);
  if (why !== null)
    return fail(
      'journal',
      `${path} cannot be written: ${why}`,
      `create the folder, give this user the right to write there, or name another file with ${setting}`,
    );
  if (!existsSync(path)) return ok('journal', `${path} is not there yet; its folder can be written`);
  try {
    const { events, bytes, isChecked } = await inspectJournal(file);
    const size = `${events} event${events === 1 ? '' : 's'}, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
    return ok(
      'journal',
      `${path} holds ${size}; ${isChecked ? 'it is whole' : 'too large to be checked page by page'}`,
    );
  } catch (error) {
    if (!(error instanceof PublishError) || !error.retryable) return toFailure('journal', error);
    return ok('journal', `${error.message}: no fault, but no other run can have it meanwhile`);
  }
}
