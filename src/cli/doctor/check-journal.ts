import { existsSync } from 'node:fs';
import { ConfigError, PublishError } from '../../errors.js';
import type { JournalFile } from '../../publish/journal-file.js';
import { inspectJournal, type JournalState } from '../../publish/journal-inspection.js';
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
    return ok('journal', `${path} ${toText(await inspectJournal(file))}`);
  } catch (error) {
    const finding = toFailure('journal', error);
    // no copy could be made, which says nothing of the journal
    const isUnknown = error instanceof ConfigError || (error instanceof PublishError && error.retryable);
    return isUnknown ? { ...finding, status: 'warn' } : finding;
  }
}

function toText({ events, bytes, owner }: JournalState): string {
  const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const content =
    events === null
      ? `has ${size}: too large to be looked through, its header is that of a journal`
      : `holds ${events} event${events === 1 ? '' : 's'}, ${size}; it is whole`;
  if (owner === null) return content;
  return `${content}; in use by process ${owner}: no fault, but no other run can have it meanwhile`;
}
