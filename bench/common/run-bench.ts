import { toMessage } from '../../src/cli/messages.js';
import { ConfigError } from '../../src/errors.js';

/** Runs a program to the exit status that it gives, if any; an error is told in words, with status 2 for bad flags, else 1. */
export async function runBench(main: () => Promise<number | void>): Promise<void> {
  try {
    const status = await main();
    if (typeof status === 'number') process.exitCode = status;
  } catch (error) {
    process.stderr.write(`error: ${toMessage(error)}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
