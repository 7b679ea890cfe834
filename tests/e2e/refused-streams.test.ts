import '../integration/publish/disposal.js';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCameraClip, openRtspServer, type RtspServer } from '../services/rtsp.js';
import { createFolder } from './clips.js';
import { labelcast } from './labelcast.js';
import { until } from '../until.js';
import { Serving } from './serving.js';

/** So long that its events exceed the 8 KiB that the journal takes. */
const TOO_LONG = `rtsp://127.0.0.1:1/${'x'.repeat(9000)}`;
const REFUSED = /^an event of \S+ has \d+ bytes; 8192 are allowed; .*shorten its tags/;
const folder = createFolder();
let camera: RtspServer;

beforeAll(async () => {
  camera = await openRtspServer({ mounts: { '/cam': await makeCameraClip() } });
});
afterAll(async () => {
  await camera?.[Symbol.asyncDispose]();
  folder.remove();
});

function toConfig(name: string, streams: readonly { id: string; url: string }[]): object {
  return { journal: { path: folder.file(`${name}.db`) }, http: { port: 0 }, streams };
}

test('a stream whose events the journal refuses ends alone, loudly; the others go on', async () => {
  const streams = [
    { id: 'gate', url: camera.url('/cam') },
    { id: 'odd', url: TOO_LONG },
  ];
  await using serving = await Serving.start(toConfig('one', streams), folder.file('one.yaml'));
  await until(
    'odd has failed',
    async () => (await serving.metric('stream_state', 'stream="odd",state="failed"')) === 1,
  );
  const before = await serving.metric('frames_inferred_total', 'gate');
  await until(
    'gate goes on',
    async () => (await serving.metric('frames_inferred_total', 'gate')) > before + 5,
  );
  expect(await serving.stop()).toBe(143);
  const errors = serving.log.filter(({ level }) => level === 'error');
  expect(errors).toEqual([
    expect.objectContaining({
      stream: 'odd',
      msg: expect.stringMatching(
        /^an event of odd has \d+ bytes; 8192 are allowed; this stream is not watched any more: shorten/,
      ),
    }),
  ]);
});

test('when no stream is left the service ends with the reason', async () => {
  const file = folder.file('none.yaml');
  writeFileSync(file, JSON.stringify(toConfig('none', [{ id: 'odd', url: TOO_LONG }])));
  const run = await labelcast(['serve', '-c', file]);
  // 2 is for what never started: a supervisor must start this again
  expect([run.status, REFUSED.test(run.stderr.split('ERROR ').at(-1)!)]).toEqual([1, true]);
});
