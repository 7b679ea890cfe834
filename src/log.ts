import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * The log, on standard error, written before the call returns, so that the last lines before a crash are not lost.
 * error = someone must act, warn = we coped, info = lifecycle, debug = for us.
 */
export function createLog(options: { level: LogLevel; format: 'text' | 'json'; colour: boolean }): Log {
  const settings = { level: options.level, base: null };
  if (options.format === 'json') return pino(settings, pino.destination({ fd: 2, sync: true }));
  const stream = pretty({
    colorize: options.colour,
    destination: 2,
    sync: true,
    ignore: 'time',
    singleLine: true,
  });
  return pino(settings, stream);
}
