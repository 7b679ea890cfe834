import { startTaggerChild } from '../../src/infer/tagger-child.js';
import { MainReading } from './main-reading.js';
import { NULL_TAGGER, toRequest, type Way, type WayOptions } from './way.js';

/** Labelcast's own way: the main thread reads the cameras, and writes batches to the tagger's pipe. */
export async function openPipeWay(options: WayOptions): Promise<Way> {
  const { batch } = options;
  const tagger = await startTaggerChild(
    {
      entry: NULL_TAGGER,
      request: toRequest(batch),
      startTimeoutMs: 60_000,
      watchdogMs: () => 60_000,
      onDeath: () => {},
    },
    new AbortController().signal,
  );
  const reading = new MainReading(options);
  return {
    taggerPid: tagger.pid,
    cameraPids: () => reading.pids(),
    tag: (lane, frames) =>
      tagger.run(
        lane,
        frames.map(({ bytes }) => bytes),
        batch,
      ),
    async [Symbol.asyncDispose]() {
      await reading[Symbol.asyncDispose]();
      await tagger.close();
    },
  };
}
