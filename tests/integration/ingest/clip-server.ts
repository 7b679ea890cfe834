import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A camera over http. */
export interface ClipCamera {
  readonly url: string;
  /** How often it was connected to. */
  readonly connections: number;
}

/** Cameras that send MPEG-TS clips at their own rate. */
export interface ClipServer {
  /**
   * A camera that sends another clip (`NAME.ts` in the folder) by each connection, once; the last one by all further
   * connections, again and again. `nothing`: it never answers.
   */
  camera(clips: readonly string[]): ClipCamera;
  close(): Promise<void>;
}

/** `ffmpeg` sends the clips of `folder`. */
export async function openClipServer(folder: string, ffmpeg: string): Promise<ClipServer> {
  const senders = new Set<ChildProcess>();
  const cameras: { clips: readonly string[]; connections: number }[] = [];
  const server = createServer((request, response) => {
    const camera = cameras[Number(request.url?.split('-')[1])]!;
    const { clips } = camera;
    const clip = clips[camera.connections] ?? clips.at(-1)!;
    const isLast = camera.connections >= clips.length - 1;
    camera.connections += 1;
    if (clip === 'nothing') return;
    const input = `-v quiet -re -stream_loop ${isLast ? -1 : 0} -i ${join(folder, clip)}.ts`;
    const sender = spawn(ffmpeg, `${input} -map 0 -c copy -copyinkf -f mpegts -`.split(' '));
    senders.add(sender);
    sender.once('close', () => senders.delete(sender));
    sender.stdout.pipe(response);
    response.once('close', () => sender.kill('SIGKILL'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    camera(clips) {
      const camera = { clips, connections: 0 };
      const url = `http://127.0.0.1:${port}/camera-${cameras.push(camera) - 1}`;
      return {
        url,
        get connections() {
          return camera.connections;
        },
      };
    },
    async close() {
      for (const sender of senders) sender.kill('SIGKILL');
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
