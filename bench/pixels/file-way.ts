import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { FRAME_BYTES } from './camera.js';
import { MainReading } from './main-reading.js';
import { NullHost } from './null-host.js';
import { LANES, toRequest, type Way, type WayOptions } from './way.js';

/** The main thread reads the cameras; batches go through a file in memory, written and read by the thread pools. */
export async function openFileWay(options: WayOptions): Promise<Way> {
  const { batch, folder } = options;
  const file: FileHandle = await open(join(folder, 'batches'), 'w+');
  await file.truncate(LANES * batch * FRAME_BYTES);
  const host = await NullHost.open(toRequest(batch), file.fd);
  const reading = new MainReading(options);
  return {
    taggerPid: host.pid,
    cameraPids: () => reading.pids(),
    async tag(lane, frames) {
      const answer = host.answer(lane);
      await file.writev(
        frames.map(({ bytes }) => bytes),
        lane * batch * FRAME_BYTES,
      );
      host.send({ lane, frames: frames.length, size: batch });
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await reading[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
      await file.close();
    },
  };
}
