import { ConfigError, isLabelcastError } from '../../errors.js';
import { toMessage } from '../messages.js';

/** What a check is about. */
export type Subject =
  | 'node'
  | 'ffmpeg'
  | 'formats'
  | 'inputs'
  | 'decoding'
  | 'model'
  | 'provider'
  | 'golden'
  | 'scores'
  | 'journal'
  | 'disk'
  | 'port'
  | 'sink'
  | 'stream';

/** What one check found. `fail`: something will not work; `warn`: it works, but worse than it could. */
export interface Finding {
  readonly name: Subject;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** What to do about it; null: nothing. */
  readonly remedy: string | null;
  /** The problems that `text` speaks of, where it is several. */
  readonly issues?: readonly string[];
}

export function ok(name: Subject, text: string): Finding {
  return { name, status: 'ok', text, remedy: null };
}

export function warn(name: Subject, text: string, remedy: string): Finding {
  return { name, status: 'warn', text, remedy };
}

export function fail(name: Subject, text: string, remedy: string | null): Finding {
  return { name, status: 'fail', text, remedy };
}

/** An error as a finding; `of`: which of several it concerns. */
export function toFailure(name: Subject, error: unknown, of?: string): Finding {
  const place = of === undefined ? '' : `${of}: `;
  if (!isLabelcastError(error)) return fail(name, place + toMessage(error), null);
  const issues = error instanceof ConfigError && error.issues[0] !== error.message ? error.issues : [];
  const finding = fail(name, place + error.message, error.remedy ?? null);
  return issues.length === 0 ? finding : { ...finding, issues };
}

/** Whatever a check throws is what it found. */
export async function attempt(
  name: Subject,
  check: () => Promise<readonly Finding[]> | readonly Finding[],
): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [toFailure(name, error)];
  }
}
