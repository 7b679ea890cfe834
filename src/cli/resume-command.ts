import { basename } from 'node:path';
import { redactUrl } from '../redact.js';
import { toShellWord } from './shell-word.js';
import type { JournalPlace } from './journal-place.js';

/** The command line that goes on with an interrupted run; credentials are left out and must be put back. */
export function toResumeCommand(argv: readonly string[], place: JournalPlace): string {
  const kept = argv.filter((arg) => arg !== '--fresh' && arg !== '--resume');
  const [command, ...rest] = kept.map(redactUrl);
  const journal = place.isPrivate ? ['--journal', place.file] : [];
  // before the sources, of which some may stand behind --
  const line = [...toProgram(), command ?? 'tag', ...journal, '--resume', ...rest].map(toShellWord).join(' ');
  return kept.slice(1).every((arg, n) => arg === rest[n]) ? line : `${line} (with the credentials put back)`;
}

/** The way this process was started: by npx, by its name on the PATH, or by its file. */
function toProgram(): string[] {
  if (process.env['npm_command'] === 'exec') return ['npx', 'labelcast'];
  const file = process.argv[1] ?? 'labelcast';
  return basename(file) === 'labelcast' ? ['labelcast'] : ['node', file];
}
