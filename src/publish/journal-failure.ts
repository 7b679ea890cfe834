import { PublishError } from '../errors.js';
import { toErrorCode } from './error-code.js';
import { toVerdict } from './journal-check.js';
import { type JournalFile, withSetting } from './journal-file.js';

/** A PublishError on its way between threads. */
export interface JournalFailure {
  readonly message: string;
  readonly remedy?: string;
  /** It may go away by itself: another process holds the journal. */
  readonly retryable?: boolean;
  /** The events of one stream alone are refused. */
  readonly isOfStream?: boolean;
  /** The disk is full; nothing was written. */
  readonly isOutOfRoom?: boolean;
}

/** What went wrong with a journal, in words; `error` is whatever was thrown. */
export function toJournalFailure(error: unknown, file: JournalFile): JournalFailure {
  if (error instanceof PublishError)
    return {
      message: error.message,
      retryable: error.retryable,
      isOfStream: error.isOfStream,
      isOutOfRoom: error.isOutOfRoom,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    };
  const { path } = file;
  const code = toErrorCode(error);
  const known = KNOWN.find(({ codes }) => codes.test(code));
  if (known === undefined) return { message: `the journal ${path} failed: ${String(error)}` };
  const verdict = toVerdict(error);
  const detail = verdict === null ? '' : ` (${verdict})`;
  return {
    message: `the journal ${path} ${known.what}${detail}`,
    remedy: known.remedy.replace(' with SETTING', withSetting(file)),
    isOutOfRoom: known.codes === FULL_DISK,
  };
}

/** Whether the journal refused this one commit, rather than failed as a whole. */
export function isRefusal(error: unknown): boolean {
  return error instanceof PublishError || toErrorCode(error).startsWith('SQLITE_CONSTRAINT');
}

const FULL_DISK = /^(SQLITE_FULL|ENOSPC|EDQUOT)/;

const KNOWN = [
  {
    codes: FULL_DISK,
    what: 'cannot grow: its disk is full',
    remedy: 'free space there and run the same command again; what was committed is kept',
  },
  {
    codes: /^SQLITE_NOTADB/,
    what: 'is not a labelcast journal',
    remedy: 'name another file with SETTING',
  },
  {
    // libsql gives no code when opening fails, only a text.
    codes:
      /^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|EROFS|EACCES|EPERM|ENOENT|ENOTDIR|EISDIR|Error: ConnectionFailed)/,
    what: 'cannot be opened for writing',
    remedy: 'name a file in an existing, writable folder with SETTING',
  },
  {
    codes: /^SQLITE_CORRUPT/,
    what: 'is damaged',
    remedy:
      'put a backup in its place, or move it away and start anew; `labelcast journal backup` makes backups',
  },
  {
    codes: /^(SQLITE_IOERR|EIO)/,
    what: 'cannot be read or written: its disk fails',
    remedy: 'check the disk, then run the same command again; what was committed is kept',
  },
  {
    codes: /^SQLITE_CONSTRAINT/,
    what: 'already holds an event of this id, or lacks what the commit refers to',
    remedy: 'report this: labelcast tried to store something twice',
  },
] as const;
