import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own, in memory; only root may mount one. */
export interface SmallDisk {
  readonly path: string;
  /** Mounts it anew with these options, its files kept: `size=8m`, `ro`. */
  remount(options: string): void;
  unmount(): void;
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives it back. */
  clear(): void;
}

export function openSmallDisk(size: string): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'labelcast-disk-'));
  mount(['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  return {
    path,
    remount: (options) => mount(['-o', `remount,${options}`, path]),
    unmount: () => {
      spawnSync('umount', ['-l', path]);
      rmdirSync(path);
    },
    fill: () => fill(join(path, BALLAST)),
    clear: () => rmSync(join(path, BALLAST)),
  };
}

const BALLAST = 'ballast';
const PAGE = Buffer.alloc(4096);

function fill(file: string): void {
  const ballast = openSync(file, 'w');
  try {
    for (;;) writeSync(ballast, PAGE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(ballast);
  }
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`this test mounts a small disk, so it needs to run as root: ${stderr}`);
}
