import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LabelEventData } from '../../src/types.js';
import { type Fault, pretendHardware } from '../integration/ingest/pretend-hardware.js';
import { answerOf } from '../answer.js';
import { until } from '../until.js';
import { createFolder, DEMO_CLIP, inRealTime } from './clips.js';
import { isClearError, labelcast, type Run, toEvents, toLabelLines } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());
let software: Run;

/** Runs `tag` with an ffmpeg in front of which a device is pretended. */
async function tag(fault: Fault, ...args: readonly string[]): Promise<Run> {
  const { path } = await pretendHardware(folder.path, fault);
  return labelcast(['tag', DEMO_CLIP, '--json', ...args], { env: { FFMPEG_PATH: path } });
}

beforeAll(async () => {
  software = await tag('none');
  expect([software.status, software.stderr]).toEqual([0, '']);
});

interface Span {
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
}

function toSpans(stdout: string): Span[] {
  return toEvents(stdout)
    .map(({ data }) => data as LabelEventData)
    .filter(({ phase }) => phase === 'ended')
    .map(({ label, startMs, endMs }) => ({ label, startMs, endMs: endMs! }))
    .toSorted((a, b) => a.label.localeCompare(b.label) || a.startMs - b.startMs);
}

/** The same segments, but for a frame or two at their ends: pixels differ a little. */
function expectAlike(stdout: string, wanted: string): void {
  const found = toSpans(stdout);
  const spans = toSpans(wanted);
  expect(spans.length).toBeGreaterThan(10);
  expect(found.map(({ label }) => label)).toEqual(spans.map(({ label }) => label));
  const distances = spans.flatMap(({ startMs, endMs }, n) => [
    Math.abs(found[n]!.startMs - startMs),
    Math.abs(found[n]!.endMs - endMs),
  ]);
  expect(Math.max(...distances)).toBeLessThanOrEqual(400);
}

/** Numbers without a hole, and no event twice. */
function expectWhole(stdout: string): void {
  const numbered = toEvents(stdout).filter(({ sequence }) => sequence !== undefined);
  expect(numbered.map(({ sequence }) => Number(sequence))).toEqual(numbered.map((_, n) => n + 1));
  expect(new Set(numbered.map(({ id }) => id)).size).toBe(numbered.length);
}

test('a device finds the segments that software finds', async () => {
  const run = await tag('none', '--hwaccel', 'cuda');
  expect(run.status).toBe(0);
  expect(run.stderr).not.toContain('software');
  expectWhole(run.stdout);
  expectAlike(run.stdout, software.stdout);
});

test('a device that is lost within a file costs nothing but a line', async () => {
  const run = await tag('lost', '--hwaccel', 'auto');
  expect(run.status).toBe(0);
  expect(
    run.stderr.match(/demo\.mp4 is decoded in software \(cuda: it failed while it decoded\)/g),
  ).toHaveLength(1);
  expectWhole(run.stdout);
  expectAlike(run.stdout, software.stdout);
});

test('a run on a device that is killed is gone on with in software, without loss or repeat', async () => {
  const { path } = await pretendHardware(folder.path, 'none');
  const args = ['tag', DEMO_CLIP, '--json', '--journal', folder.file('killed.db')];
  const killed = await labelcast([...args, '--hwaccel', 'cuda'], {
    env: inRealTime(folder.file('ffmpeg-in-real-time'), path),
    onStart: (child) => void child.stdout!.once('data', () => child.kill('SIGKILL')),
  });
  expect(killed.signal).toBe('SIGKILL');
  const rest = await labelcast([...args, '--resume'], { env: { FFMPEG_PATH: path } });
  expect(rest.status).toBe(0);
  expectWhole(rest.stdout);
  expectAlike(rest.stdout, software.stdout);
});

test('hardware that was named and cannot be used is one clear error, exit 2', async () => {
  const run = await tag('no-device', '--hwaccel', 'cuda');
  expect([run.status, run.stdout]).toEqual([2, '']);
  expect(isClearError(run.stderr, 'cuda cannot decode here: there is no NVIDIA driver (libcuda.so.1)')).toBe(
    true,
  );
});

test('a device without hardware to decode on is said to do nothing', async () => {
  const { path } = await pretendHardware(folder.path, 'none');
  const env = { FFMPEG_PATH: path, LABELCAST_DECODING_DEVICE: '0' };
  const run = await labelcast(['tag', DEMO_CLIP, '--json'], { env });
  expect(run.status).toBe(0);
  expect(run.stderr.match(/decoding\.device does nothing while decoding\.hardware is off/g)).toHaveLength(1);
});

test('auto without hardware gives the very events of software, and says why once', async () => {
  const run = await tag('no-device', '--hwaccel', 'auto');
  expect(run.status).toBe(0);
  expect(run.stderr.match(/videos are decoded in software, since no hardware/g)).toHaveLength(1);
  expect(run.stderr).toContain('cuda: there is no NVIDIA driver (libcuda.so.1); vaapi: ');
  expect(toLabelLines(toEvents(run.stdout))).toEqual(toLabelLines(toEvents(software.stdout)));
});

test('doctor names what decodes, or why nothing does', async () => {
  const decoding = async (fault: Fault, how: string): Promise<unknown> => {
    const { path } = await pretendHardware(folder.path, fault);
    const run = await labelcast(['doctor', '--json', '--hwaccel', how], { env: { FFMPEG_PATH: path } });
    const { findings } = JSON.parse(run.stdout) as { findings: { name: string }[] };
    return findings.filter(({ name }) => name === 'decoding');
  };
  expect(await decoding('none', 'off')).toEqual([]);
  expect(await decoding('none', 'auto')).toMatchObject([
    { status: 'ok', text: 'on cuda, its first device', remedy: null },
  ]);
  expect(await decoding('no-device', 'auto')).toMatchObject([
    { status: 'warn', text: expect.stringContaining('cuda: there is no NVIDIA driver (libcuda.so.1)') },
  ]);
  expect(await decoding('no-device', 'cuda')).toMatchObject([
    { status: 'fail', text: expect.stringContaining('there is no NVIDIA driver (libcuda.so.1)') },
  ]);
});

test('the metric tells what decodes a file', async () => {
  const { path } = await pretendHardware(folder.path, 'none');
  let text = '';
  const args = ['tag', DEMO_CLIP, NO_CAMERA, '--give-up-after', '600', '--json', '--hwaccel', 'cuda'];
  let looked: Promise<void> | undefined;
  const look = async (address: string): Promise<void> => {
    await until('it is told', async () => {
      text = await (await answerOf(`${address}/metrics`)).text();
      return text.includes('labelcast_decoder_info{');
    });
  };
  await labelcast([...args, '--metrics-port', '0'], {
    env: { FFMPEG_PATH: path },
    onStart: (child) =>
      void child.stderr!.on('data', (told: Buffer) => {
        const address = /metrics at (http:\/\/127\.0\.0\.1:\d+)\/metrics\n/.exec(String(told))?.[1];
        if (address !== undefined) looked ??= look(address).finally(() => child.kill('SIGTERM'));
      }),
  });
  await looked;
  expect(text).toMatch(/^labelcast_decoder_info\{stream="demo[^"]*~\w{8}",decoder="cuda"\} 1$/m);
  expect(text).not.toContain('decoder="software"');
});

/** Nobody serves it: the run lasts until it is stopped. */
const NO_CAMERA = 'rtsp://127.0.0.1:1/cam';
