import type { FfmpegBuild } from './ffmpeg-build.js';
import { openFfmpeg } from './ffmpeg-child.js';
import { toInputOptions } from './input-options.js';

/** Options before an input whose decoder is to skip all but key frames. */
export const SKIP_OTHERS: readonly string[] = ['-skip_frame', 'nokey'];

/** Key frames that are compared, and seconds of media at most in which they lie. */
const COMPARED = 3;
const COMPARED_S = 30;

/**
 * Whether a decoder that skips all but key frames gives a file's first ones in their order and at their times, as one does that
 * decodes everything. It does not in H.264 with open groups of pictures, whose order it counts by the pictures between
 * (of a minute, three key frames came, backwards), nor where only some packets have times (AVI, MPEG program streams).
 */
export async function canSkipOthers(
  input: string,
  build: FfmpegBuild,
  signal: AbortSignal,
): Promise<boolean> {
  const [skipping, decoding] = await Promise.all([
    readTimes(input, { build, options: SKIP_OTHERS }, signal),
    readTimes(input, { build, options: [] }, signal),
  ]);
  return skipping.length > 0 && skipping.join() === decoding.join();
}

/** The times of a file's first key frames, in ticks. */
async function readTimes(
  input: string,
  { build, options }: { readonly build: FfmpegBuild; readonly options: readonly string[] },
  signal: AbortSignal,
): Promise<string[]> {
  const times: string[] = [];
  const child = openFfmpeg(
    {
      path: build.path,
      inputOptions: [
        ...'-loglevel repeat+level+info -copyts -start_at_zero -threads 1'.split(' '),
        ...toInputOptions(input),
        ...options,
      ],
      input,
      outputOptions: [
        ...`-map 0:V:0 -frames:v ${COMPARED} -f null`.split(' '),
        ...build.passthrough,
        '-vf',
        `trim=end=${COMPARED_S},select='eq(key,1)',showinfo=checksum=0`,
      ],
      onLine: (line) => {
        const ticks = /showinfo.* n: *\d+ pts: *(-?\d+|NOPTS)/.exec(line)?.[1];
        if (ticks !== undefined && times.length < COMPARED) times.push(ticks);
      },
    },
    signal,
  );
  await child.exit;
  return times;
}
