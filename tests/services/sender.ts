import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** An ffmpeg that sends a clip over and over at its own pace, and starts again when its receiver leaves. */
export interface Sender extends AsyncDisposable {
  /** It is gone at once (SIGKILL), and stays away. */
  stop(): Promise<void>;
  start(): void;
}

/** Starts an ffmpeg in `cwd` with these words behind the input; it ends when closed. */
export function openSender(clip: string, output: string, cwd: string): Sender {
  const words = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', clip, ...output.split(' ')];
  let child: ChildProcess | null = null;
  const start = (): void => {
    const started = spawn('ffmpeg', words, { cwd, stdio: 'ignore' });
    child = started;
    started.once('exit', () => {
      if (child === started) start();
    });
  };
  const stop = async (): Promise<void> => {
    const stopped = child;
    child = null;
    if (stopped === null || stopped.exitCode !== null || stopped.signalCode !== null) return;
    const exit = once(stopped, 'exit');
    stopped.kill('SIGKILL');
    await exit;
  };
  start();
  return { start, stop, [Symbol.asyncDispose]: stop };
}

/** A web server of 127.0.0.1 that shows the files of a folder; `url` ends without a slash. */
export async function openWebFolder(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createHttpServer((request, response) => {
    readFile(join(folder, request.url!)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
