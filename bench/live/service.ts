import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';

/** A running `labelcast serve`. */
export interface Service {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly address: string;
  /** Resolves at its end. */
  readonly ended: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface ServiceFiles {
  readonly config: string;
  readonly log: string;
}

/** Starts the built service with these settings and resolves when it listens; its log is appended to a file. */
export async function startService(
  settings: object,
  files: ServiceFiles,
  options: { readonly nodeArgs?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Service> {
  writeFileSync(files.config, JSON.stringify(settings)); // JSON is YAML
  const { nodeArgs = [], env = {} } = options;
  const serve = ['dist/src/cli/main.js', 'serve', '-c', files.config, '--log-format', 'json'];
  const child = spawn(process.execPath, ['--min-semi-space-size=16', ...nodeArgs, ...serve], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<Awaited<Service['ended']>>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal }));
  });
  let said = '';
  const listening = new Promise<string>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      appendFileSync(files.log, text);
      if (said.length < 1e5) said += text;
      const address = /"address":"([^"]+)"/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const address = await Promise.race([listening, ended]);
  if (typeof address !== 'string') throw new Error(`labelcast serve did not start:\n${said}`);
  return { child, pid: child.pid!, address, ended };
}
