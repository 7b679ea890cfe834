import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { answerOf } from '../answer.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { isClearError, labelcast, toEvents } from './labelcast.js';
import { readMetrics } from './metrics.js';

const folder = createFolder();
afterAll(() => folder.remove());
let stopNow: () => void = () => {};
afterEach(() => stopNow());

/** A camera that nobody serves: the run lasts until it is stopped. */
const NO_CAMERA = 'rtsp://127.0.0.1:1/cam';
const FRAMES = 95; // 19 s, 5 a second

test('tag --metrics-port shows frames, sinks and cameras while it runs', async () => {
  let looked: Promise<void> | undefined;
  const args = ['tag', DEMO_CLIP, NO_CAMERA, '--give-up-after', '600', '-o', folder.file('out'), '--json'];
  const run = await labelcast([...args, '--metrics-port', '0'], {
    onStart: (child) => {
      stopNow = () => child.kill('SIGKILL');
      child.stderr!.on('data', (text: string) => {
        const address = /metrics at (http:\/\/127\.0\.0\.1:\d+)\/metrics\n/.exec(text)?.[1];
        if (address !== undefined) looked ??= look(address).finally(() => child.kill('SIGTERM'));
      });
    },
  });
  await looked;
  expect(run.status).toBe(143);
  expect(toEvents(run.stdout).at(-1)?.data).toMatchObject({ state: 'ended' });
});

function isEnough(metrics: Awaited<ReturnType<typeof readMetrics>>): boolean {
  return (
    metrics('frames_inferred_total') === FRAMES &&
    metrics('stream_state', 'state="offline"') === 1 &&
    metrics('events_delivered_total', 'sink="ndjson:events.ndjson"') > 10
  );
}

async function look(address: string): Promise<void> {
  expect((await answerOf(`${address}/healthz`)).status).toBe(200);
  let metrics = await readMetrics(address);
  while (!isEnough(metrics)) {
    await wait(50);
    metrics = await readMetrics(address);
  }
  expect(await (await answerOf(`${address}/readyz`)).json()).toEqual({ status: 'ready', problems: [] });
  expect(metrics('frames_received_total')).toBe(FRAMES);
  expect(metrics('frames_in_flight')).toBe(0);
  expect(metrics('stream_restarts_total', 'reason="refused"')).toBe(metrics('stream_restarts_total'));
  expect(metrics('stream_restarts_total')).toBeGreaterThan(0);
  expect(metrics('events_total')).toBeGreaterThan(10);
  expect(metrics('model_info', 'name="sgfn-nano-coco80"')).toBe(1);
}

test('a metrics port that is taken is one clear error, exit 2, and nothing is tagged', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const run = await labelcast(['tag', DEMO_CLIP, '--json', '--metrics-port', String(port)]);
  await new Promise((resolve) => other.close(resolve));
  expect([run.status, run.stdout, run.stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  expect(isClearError(run.stderr, `127.0.0.1:${port} cannot be listened on`)).toBe(true);
  expect(run.stderr).toContain('choose another --metrics-port');
});
