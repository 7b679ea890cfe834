import { basename } from 'node:path';
import { redact } from '../redact.js';
import type { JournalPlace } from './tag-flags.js';

/** The command line that goes on with an interrupted run; credentials are left out and must be put back. */
export function toResumeCommand(argv: readonly string[], place: JournalPlace): string {
  const kept = argv.filter((arg) => arg !== '--fresh' && arg !== '--resume');
  const journal = place.isPrivate ? ['--journal', place.file] : [];
  return [...toProgram(), ...kept, ...journal, '--resume'].map((arg) => quote(redact(arg))).join(' ');
}

/** The way this process was started: by npx, by its name on the PATH, or by its file. */
function toProgram(): string[] {
  if (process.env['npm_command'] === 'exec') return ['npx', 'labelcast'];
  const file = process.argv[1] ?? 'labelcast';
  return basename(file) === 'labelcast' ? ['labelcast'] : ['node', file];
}

function quote(arg: string): string {
  return /^[\w@%+=:,./~-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}
