import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const DEMO_CLIP = join(process.cwd(), 'demo/demo.mp4');

/** Runs the system's ffmpeg to make a test clip. */
export function ffmpeg(...args: readonly string[]): void {
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);
}

/**
 * The environment with an ffmpeg that gives pictures no faster than they are shown, so that a run is still at work when
 * something is done to it, however late; `file` gets it, in front of `program`.
 */
export function inRealTime(file: string, program = 'ffmpeg'): { readonly FFMPEG_PATH: string } {
  const script = `#!/bin/sh\ncase "$*" in *rawvideo*) exec '${program}' -re "$@" ;; *) exec '${program}' "$@" ;; esac\n`;
  writeFileSync(file, script, { mode: 0o755 });
  return { FFMPEG_PATH: file };
}

/** A folder of its own for one test file. */
export function createFolder(): { path: string; file: (name: string) => string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'labelcast-test-'));
  return {
    path,
    file: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
