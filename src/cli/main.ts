#!/usr/bin/env -S node --min-semi-space-size=16
// Pictures pass by in short-lived buffers: with more room for them the collector stops the process 1 time instead of 18.
import { existsSync } from 'node:fs';
import { CommanderError } from 'commander';
import { ConfigError } from '../errors.js';
import { EXIT_PIPE, EXIT_USAGE, toMessage } from './messages.js';
import { createProgram } from './program.js';

// A reader that goes away (`| head`, `2>&-`) must not end a run, nor show a stack trace.
process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exitCode ??= EXIT_PIPE;
});

/** `*.mp4` may stand for -old.mp4, which would be read as `-o ld.mp4`. */
function refuseFilesLikeOptions(args: readonly string[]): void {
  const end = args.indexOf('--');
  for (const arg of end < 0 ? args : args.slice(0, end)) {
    if (!/^-[^-]./.test(arg) || !existsSync(arg)) continue;
    throw new ConfigError(`${arg} is a file here, but would be read as an option`, [], {
      remedy: `write ./${arg}`,
    });
  }
}

try {
  refuseFilesLikeOptions(process.argv.slice(2));
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    process.stderr.write(`error: ${toMessage(error)}\n`);
    process.exitCode = EXIT_USAGE;
  }
}
