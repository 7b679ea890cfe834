import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The demo clip again and again, as 720p H.264 with 30 frames a second, in the folder; returns its path. */
export function renderClip720p(folder: string, seconds: number): string {
  const clip = join(folder, 'clip-720p.mp4');
  const once = join(folder, 'once.mp4');
  const encode = '-vf scale=1280:720 -r 30 -c:v libx264 -preset veryfast -g 60 -an'.split(' ');
  execFileSync('ffmpeg', ['-v', 'error', '-i', 'demo/demo.mp4', ...encode, once]);
  const repeat = ['-stream_loop', '-1', '-i', once, '-t', String(seconds), '-c', 'copy'];
  execFileSync('ffmpeg', ['-v', 'error', ...repeat, clip]);
  return clip;
}
