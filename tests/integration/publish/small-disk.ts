import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own, in memory; only root may mount one. */
export interface SmallDisk {
  readonly path: string;
  /** Mounts it anew with these options, its files kept: `size=8m`, `ro`. */
  remount(options: string): void;
  unmount(): void;
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
  };
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`this test mounts a small disk, so it needs to run as root: ${stderr}`);
}
