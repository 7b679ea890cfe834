import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { readMetrics } from './metrics.js';

/** A line of the log, as JSON. */
export interface LogLine {
  /** 30: info, 40: warn, 50: error. */
  readonly level: string;
  readonly msg: string;
  readonly stream?: string;
  readonly sink?: string;
  readonly address?: string;
}

/** A `labelcast serve` that listens; it may still be far from tagging. */
export class Serving implements AsyncDisposable {
  readonly address: string;
  /** Whatever it has said, oldest first; what is no JSON has no level. */
  readonly log: readonly LogLine[];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(
    child: ChildProcess,
    ended: Promise<unknown>,
    address: string,
    log: readonly LogLine[],
  ) {
    this.#child = child;
    this.#ended = ended;
    this.address = address;
    this.log = log;
  }

  /** Starts it as a user would; `file` gets the config. Throws with what it said when it ends instead. */
  static async start(config: object, file: string, env: NodeJS.ProcessEnv = {}): Promise<Serving> {
    writeFileSync(file, JSON.stringify(config)); // JSON is YAML
    const args = ['dist/src/cli/main.js', 'serve', '-c', file, '--log-format', 'json'];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'close');
    const log: LogLine[] = [];
    let rest = '';
    const address = await new Promise<string>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        log.push(...lines.map(toLogLine));
        const listening = log.find((line) => line.address !== undefined);
        if (listening !== undefined) resolve(listening.address!);
      });
      ended.then(() => reject(new Error(log.map(({ msg }) => msg).join('\n'))), reject);
    });
    return new Serving(child, ended, address, log);
  }

  /** Of its metrics: the sum of all series of a name whose labels hold a text. */
  async metric(name: string, labels = ''): Promise<number> {
    return (await readMetrics(this.address))(name, labels);
  }

  /** SIGTERM; resolves to the exit status. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.ended();
  }

  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

function toLogLine(text: string): LogLine {
  return text.startsWith('{') ? (JSON.parse(text) as LogLine) : { level: '', msg: text };
}
