import type { LogLevel } from '../log-levels.js';

/** The flags of `labelcast tag` that are not part of the config. */
export interface TagFlags {
  readonly output?: string;
  readonly json?: boolean;
  readonly table?: boolean;
  readonly labels?: readonly string[];
  /** HOST:PORT of brokers to which the events go too. */
  readonly kafka?: readonly string[];
  readonly journal?: string;
  readonly fresh?: boolean;
  readonly resume?: boolean;
  /** Seconds. */
  readonly deliverTimeout: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
  readonly progress: boolean;
  /** http(s) sources have no end. */
  readonly live?: boolean;
  /** Seconds; live sources. */
  readonly duration?: number;
  /** Seconds without a frame; live sources. */
  readonly giveUpAfter: number;
  /** Of the loopback address; 0: any. */
  readonly metricsPort?: number;
}
