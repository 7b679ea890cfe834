import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificates.js';

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

/** TLS in front of a plain sender at this port of 127.0.0.1. */
export async function openTlsFront(
  { cert, key }: Certificate,
  port: number,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createTlsServer({ cert, key }, (outer) => {
    const inner = connect(port, '127.0.0.1');
    pipeline(outer, inner, outer, () => {}); // either may break off
  });
  server.on('tlsClientError', () => {}); // the caller tells why
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
