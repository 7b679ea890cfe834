import { toMessage } from '../../src/cli/messages.js';
import { ConfigError } from '../../src/errors.js';

/** Runs a program to the exit status that it gives, if any; an error is told in words, with status 2 for bad flags, else 1. */
export async function runBench(main: () => Promise<number | void>): Promise<void> {
  try {
    const status = await main();
    if (typeof status === 'number') process.exitCode = status;
  } catch (error) {
    const refused = isBadFlag(error) ? new ConfigError(error.message) : error;
    process.stderr.write(`error: ${toMessage(refused)}\n`);
    process.exitCode = refused instanceof ConfigError ? 2 : 1;
  }
}

/** What parseArgs of node:util throws. */
function isBadFlag(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
