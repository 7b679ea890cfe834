import pino, { type Logger } from 'pino';
import type { LogLevel } from './log-levels.js';
import { toLogText } from './log-text.js';

export type Log = Logger;

interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  readonly colour: boolean;
  /** Writes a line, without its end, before it returns; absent: to standard error. */
  readonly print?: (line: string) => void;
}

/**
 * The log, on standard error, written before the call returns, so that the last lines before a crash are not lost.
 * error = someone must act, warn = we coped, info = lifecycle, debug = for us. `json`: RFC 3339 time in UTC, level by name.
 */
export function createLog({ level, format, colour, print = createPrinter() }: LogOptions): Log {
  const isTerminal = process.stderr.isTTY;
  const toLine = format === 'json' ? toJson : (json: string) => toLogText(json, { colour, isTerminal });
  const settings = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (name: string) => ({ level: name }) },
  };
  return pino(settings, { write: (json: string) => print(toLine(json)) });
}

function toJson(json: string): string {
  return json.trimEnd();
}

function createPrinter(): (line: string) => void {
  const stderr = pino.destination({ fd: 2, sync: true });
  return (line) => void stderr.write(`${line}\n`);
}
