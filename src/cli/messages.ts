import { ConfigError, isLabelcastError } from '../errors.js';

/** The flags, config, model or sources are unusable; nothing was started. */
export const EXIT_USAGE = 2;
/** The reader of standard output has gone, as a shell reports SIGPIPE. */
export const EXIT_PIPE = 141;

/** An error in one voice: one line that says what, where and what to do, then one line for each listed problem. */
export function toMessage(error: unknown): string {
  if (!isLabelcastError(error)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return `unexpected failure: ${text}; please report it, with the command and what \`labelcast doctor --json\` prints`;
  }
  const remedy = error.remedy === undefined ? '' : `; ${toClause(error.remedy)}`;
  const issues =
    error instanceof ConfigError ? error.issues.map((issue) => `\n  - ${toPrintable(issue)}`).join('') : '';
  return `${toPrintable(error.message)}${toPrintable(remedy)}${issues}`;
}

/** Text from outside (a file's name, a record, a label) without what would steer a terminal, break a line or turn its direction. */
export function toPrintable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}

/** A remedy may be written as a sentence of its own; here it follows a semicolon. */
export function toClause(sentence: string): string {
  const bare = sentence.replace(/\.$/, '');
  return /^[A-Z][a-z]/.test(bare) ? bare[0]!.toLowerCase() + bare.slice(1) : bare;
}
