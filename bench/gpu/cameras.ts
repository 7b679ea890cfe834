import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Cameras of one group send the same bytes: as many groups as this, each at another place of its clip. */
const GROUPS = 8;
/** A viewer that takes nothing for so many bytes is let go, as a camera does. */
const MAX_BEHIND_BYTES = 32 * 1024 * 1024;

/** Looped clips as live MPEG-TS over HTTP, read at their own pace; closing ends all of it. */
export interface Cameras extends AsyncDisposable {
  url(camera: number): string;
}

/** Starts one ffmpeg for each group of cameras, which copies a clip and decodes nothing. `clips`: their H.264 or H.265 goes on the way. */
export async function openCameras(ffmpeg: string, clips: readonly string[]): Promise<Cameras> {
  const viewers = Array.from({ length: GROUPS }, () => new Set<ServerResponse>());
  const senders = viewers.map((group, n) => startSender(ffmpeg, clips[n % clips.length]!, n, group));
  const server = createServer((request, response) => {
    const camera = Number(/^\/camera-(\d+)$/.exec(request.url ?? '')?.[1]);
    const group = viewers[camera % GROUPS];
    if (group === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'video/mp2t' });
    group.add(response);
    response.once('close', () => group.delete(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (camera) => `http://127.0.0.1:${port}/camera-${camera}`,
    async [Symbol.asyncDispose]() {
      for (const sender of senders) {
        const closed = once(sender, 'close');
        sender.kill('SIGKILL');
        await closed;
      }
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function startSender(
  ffmpeg: string,
  clip: string,
  place: number,
  group: ReadonlySet<ServerResponse>,
): ChildProcess {
  const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-ss', String(place), '-i', clip];
  const output = ['-map', '0:v:0', '-c', 'copy', '-f', 'mpegts', '-flush_packets', '1', 'pipe:1'];
  const child = spawn(ffmpeg, [...input, ...output], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.on('data', (bytes: Buffer) => {
    for (const viewer of group) {
      if (viewer.writableLength > MAX_BEHIND_BYTES) viewer.destroy();
      else viewer.write(bytes);
    }
  });
  return child;
}
