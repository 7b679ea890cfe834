import { redact } from '../redact.js';
import type { JournalPlace } from './tag-flags.js';

/** The command line that goes on with an interrupted run; credentials are left out and must be put back. */
export function toResumeCommand(argv: readonly string[], place: JournalPlace): string {
  const kept = argv.filter((arg) => arg !== '--fresh' && arg !== '--resume');
  const journal = place.isPrivate ? ['--journal', place.file] : [];
  return ['labelcast', ...kept, ...journal, '--resume'].map((arg) => quote(redact(arg))).join(' ');
}

function quote(arg: string): string {
  return /^[\w@%+=:,./~-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}
