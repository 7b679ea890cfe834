import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readFound } from '../../../src/eval/read-found.js';

const folder = mkdtempSync(join(tmpdir(), 'labelcast-found-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function toLine(phase: string, more: object): string {
  const data = { streamId: 'a', epoch: 'e', sourceUri: 'file:///a.mp4', label: 'cat', phase, ...more };
  return `${JSON.stringify({ type: `io.labelcast.label.${phase}.v1`, data })}\n`;
}

test('events tell when a segment was sure; a repeated one counts once, an open one has no end', async () => {
  const started = toLine('started', { segmentId: '1', startMs: 200, endMs: null, confirmedMs: 600 });
  const ended = toLine('ended', { segmentId: '1', startMs: 200, endMs: 5000, confirmedMs: 6000 });
  const open = toLine('started', { segmentId: '2', startMs: 7000, endMs: null, confirmedMs: 7400 });
  const completed = {
    streamId: 'a',
    epoch: 'e',
    sourceUri: 'file:///a.mp4',
    state: 'completed',
    durationMs: 9000,
  };
  const end = `${JSON.stringify({ type: 'io.labelcast.stream.completed.v1', data: completed })}\n`;
  expect(await readFound(put('events.ndjson', started + ended + started + open + end))).toEqual({
    source: 'file:///a.mp4',
    durationMs: 9000,
    outcome: 'completed',
    segments: [
      { label: 'cat', startMs: 200, endMs: 5000, confirmedMs: 600 },
      { label: 'cat', startMs: 7000, endMs: Number.POSITIVE_INFINITY, confirmedMs: 7400 },
    ],
  });
});

test('events tell whether the clip was tagged to its end', async () => {
  const started = toLine('started', { segmentId: '1', startMs: 200, endMs: null, confirmedMs: 600 });
  const data = { streamId: 'a', epoch: 'e', sourceUri: 'file:///a.mp4', state: 'failed' };
  const failed = `${JSON.stringify({ type: 'io.labelcast.stream.state.v1', data })}\n`;
  const outcomeOf = async (text: string) => (await readFound(put('end.ndjson', text))).outcome;
  expect(await outcomeOf(started)).toBe('interrupted');
  expect(await outcomeOf('')).toBe('interrupted');
  expect(await outcomeOf(started + failed)).toBe('failed');
  const lost = failed.replaceAll('failed', 'lost').replace('stream.state', 'event.lost');
  expect(await outcomeOf(started + lost)).toBe('interrupted');
});

test('the CSV of tag does not tell when a segment was sure', async () => {
  const text = 'path,stream,label,startMs,endMs\r\n/a.mp4,a,"cat, big",200,5000\r\n/a.mp4,a,dog,7000,\r\n';
  expect(await readFound(put('segments.csv', text))).toEqual({
    source: '/a.mp4',
    durationMs: null,
    outcome: null,
    segments: [
      { label: 'cat, big', startMs: 200, endMs: 5000, confirmedMs: null },
      { label: 'dog', startMs: 7000, endMs: Number.POSITIVE_INFINITY, confirmedMs: null },
    ],
  });
});

test('a file without segments is a clip in which nothing was found', async () => {
  const file = put('none.csv', 'path,label,startMs,endMs\n');
  expect(await readFound(file)).toEqual({ source: file, durationMs: null, outcome: null, segments: [] });
});

test('a file of several clips, or of something else, is refused', async () => {
  const two = put('two.csv', 'path,label,startMs,endMs\n/a.mp4,cat,0,1\n/b.mp4,cat,0,1\n');
  await expect(readFound(two)).rejects.toMatchObject({
    message: `${two} holds 2 clips, and truth is of one`,
    issues: ['/a.mp4', '/b.mp4'],
  });
  const bad = put('bad.csv', 'path,label,startMs,endMs\n/a.mp4,cat,9,1\n');
  await expect(readFound(bad)).rejects.toMatchObject({
    message: `${bad} does not hold segments`,
    issues: ["line 2: 'cat' from '9' to '1' is no segment"],
  });
  await expect(readFound(put('bad.ndjson', '{}\n\n[\n'))).rejects.toMatchObject({
    issues: ['line 1: no event of labelcast', 'line 3: no event of labelcast'],
  });
  const of = (type: string, data: unknown) => `${JSON.stringify({ type, data })}\n`;
  const segment = { segmentId: '1', startMs: 200, endMs: null, confirmedMs: 600 };
  const lines = [
    toLine('started', segment),
    of('io.labelcast.label.started.v1', null),
    of('io.labelcast.label.started.v1', { label: 'cat' }),
    toLine('started', { ...segment, startMs: '200' }),
    toLine('began', segment),
    of('io.labelcast.stream.completed.v1', { streamId: 'a', sourceUri: 'a', epoch: 'e', state: 'completed' }),
  ];
  const worn = put('worn.ndjson', lines.join(''));
  await expect(readFound(worn)).rejects.toMatchObject({
    message: `${worn} does not hold segments`,
    issues: [
      'line 2: data: write keys with values, not nothing',
      'line 3: data.streamId: is missing: write a text',
      'line 4: data.startMs: write a number, not a text',
      'line 5: data.phase: write started, updated or ended',
      'line 6: data.durationMs: is missing: write a number',
    ],
  });
  await expect(readFound(join(folder, 'gone.csv'))).rejects.toMatchObject({ remedy: 'check the path' });
});
