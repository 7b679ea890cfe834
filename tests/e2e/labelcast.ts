import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import type { LabelEvent, LabelcastEvent } from '../../src/types.js';
import { issuesOf } from '../event-schema.js';

/** For the private journals that runs leave behind on purpose when they fail. */
const temporary = mkdtempSync(join(tmpdir(), 'labelcast-e2e-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** What one run of the command left behind. */
export interface Run {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command as a user would; `onStart` gets the process, for tests that kill it. */
export function labelcast(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; onStart?: (child: ChildProcess) => void } = {},
): Promise<Run> {
  const main = `${process.cwd()}/dist/src/cli/main.js`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', TMPDIR: temporary, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
    options.onStart?.(child);
  });
}

/** The CloudEvents of a run, one a line, each of which must fit the published schemas. */
export function toEvents(text: string): LabelcastEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const event = JSON.parse(line) as LabelcastEvent;
      expect(issuesOf(event)).toEqual([]);
      return event;
    });
}

/** What must be reproducible of the label events: id, sequence and data, as one line each. */
export function toLabelLines(events: readonly LabelcastEvent[]): string[] {
  return events
    .filter((event): event is LabelEvent => event.type.startsWith('io.labelcast.label.'))
    .map((event) => JSON.stringify([event.id, event.sequence, event.data]));
}

/** Where two lists of lines differ first, or null; keeps a failure readable. */
export function firstDifference(got: readonly string[], wanted: readonly string[]): string | null {
  const at = Array.from({ length: Math.max(got.length, wanted.length) }, (_, n) => n).find(
    (n) => got[n] !== wanted[n],
  );
  return at === undefined ? null : `line ${at} of ${wanted.length}: ${got[at]} instead of ${wanted[at]}`;
}

/** Whether a line of a message names a thing and gives a remedy, without a stack trace. */
export function isClearError(stderr: string, name: string): boolean {
  return (
    stderr.split('\n').some((line) => line.includes(name) && line.includes(';')) && !/^\s+at /m.test(stderr)
  );
}
