import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** What the server shows: files by path (`/cam`), behind a password or not. */
export interface RtspOptions {
  readonly mounts: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly password?: string;
  /** PEM of key and certificate: RTSP over TLS. */
  readonly certificate?: string;
  /** A file that gets a line for each picture at the moment it is sent. */
  readonly sentLog?: string;
}

/** A running RTSP server, real and in a process of its own. */
export interface RtspServer extends AsyncDisposable {
  readonly port: number;
  /** Its process id, for measuring. */
  readonly pid: number;
  /** `rtsp://…` of a mount (`rtsps://…` with a certificate), with user and password when it has them. */
  url(mount: string): string;
  /** It vanishes without a word (SIGKILL). */
  kill(): Promise<void>;
  /** It falls silent with its sockets open. */
  freeze(): void;
  thaw(): void;
  /** Comes back on the same port after `kill`. */
  restart(): Promise<void>;
}

/** Starts gst-rtsp-server on a free port of 127.0.0.1; it ends when closed, and with this process. */
export async function openRtspServer(options: RtspOptions): Promise<RtspServer> {
  let { child, port } = await start(options, 0);
  const kill = (): Promise<void> => end(child);
  return {
    port,
    get pid() {
      return child.pid!;
    },
    url(mount) {
      const { user, password, certificate } = options;
      const scheme = certificate === undefined ? 'rtsp' : 'rtsps';
      const credentials = user === undefined ? '' : `${user}:${encodeURIComponent(password ?? '')}@`;
      return `${scheme}://${credentials}127.0.0.1:${port}${mount}`;
    },
    kill,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async restart() {
      ({ child, port } = await start(options, port));
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function start(options: RtspOptions, port: number): Promise<{ child: ChildProcess; port: number }> {
  const { mounts, user, password = '', certificate, sentLog } = options;
  const access = user === undefined ? [] : ['--user', user, '--password', password];
  const secure = certificate === undefined ? [] : ['--certificate', certificate];
  const log = sentLog === undefined ? [] : ['--sent-log', sentLog];
  const paths = Object.entries(mounts).map(([mount, file]) => `${mount}=${file}`);
  const script = join(process.cwd(), 'tests/services/rtsp_server.py');
  // Debian's own Python: the bindings are its packages.
  const child = spawn('/usr/bin/python3', [script, String(port), ...access, ...secure, ...log, ...paths], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = /^ready (\d+)$/.exec(line);
    if (ready !== null) return { child, port: Number(ready[1]) };
  }
  throw new Error('The RTSP server did not start; npm test installs what it needs');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const CLIP = '-an -vf scale=640:360,fps=15 -c:v libx264 -preset veryfast -g 30 -sc_threshold 0 -bf 0';

/**
 * The demo as a camera would send it (640x360, 15 pictures a second, H.264, a key frame each 2 s), lasting an hour; made
 * once in `.cache`.
 */
export async function makeCameraClip(): Promise<string> {
  const demo = '-i demo/demo.mp4';
  const clip = await makeClipOnce('clip.mp4', `${demo} ${CLIP} -t 18 -pix_fmt yuv420p -movflags +faststart`);
  return makeClipOnce('hour.mp4', `-stream_loop 199 -i ${clip} -c copy -movflags +faststart`);
}

/** What ffmpeg makes of these options, under this name in `.cache`, unless it is there. */
export async function makeClipOnce(name: string, options: string): Promise<string> {
  const folder = join(process.cwd(), '.cache/camera');
  const clip = join(folder, name);
  if (await isThere(clip)) return clip;
  await mkdir(folder, { recursive: true });
  // Under a name of its own first: several test files may make it at once.
  const draft = clip.replace(/\.mp4$/, `.${process.pid}.mp4`);
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...options.split(' '), draft]);
  await rename(draft, clip);
  return clip;
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
