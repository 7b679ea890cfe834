import { expect, test } from '@jest/globals';
import { toLabelNames } from '../../../src/report/documents.js';
import { toEditList } from '../../../src/report/formats/edit-list.js';
import { toName, toPath } from '../../../src/report/source-name.js';
import { toVideoUrl } from '../../../src/report/video-place.js';
import { HOSTILE_LABELS, labelOf } from './samples.js';

test('a video is addressed relatively when it lies near the report, and what has a meaning in addresses is escaped', () => {
  expect(toVideoUrl('/v/a b#1?.mp4', '/v/report.html')).toBe('a%20b%231%3F.mp4');
  expect(toVideoUrl('/v/clips/10:30.mp4', '/v/report.html')).toBe('clips/10:30.mp4');
  expect(toVideoUrl('/v/10:30.mp4', '/v/report.html')).toBe('./10:30.mp4');
  expect(toVideoUrl('/v/clips/dog.mp4', '/v/tagged/report.html')).toBe('../clips/dog.mp4');
});

test('a video elsewhere, or of a report that lies nowhere, is addressed absolutely', () => {
  expect(toVideoUrl('/media/100 %.mp4', '/home/me/tagged/report.html')).toBe('file:///media/100%20%25.mp4');
  expect(toVideoUrl('/v/dog.mp4', null)).toBe('file:///v/dog.mp4');
});

test('a source is named by its path or its URL', () => {
  expect(toName('file:///v/a%20b.mp4')).toBe('/v/a b.mp4');
  expect([toName('rtsp://10.0.0.5/s1'), toPath('rtsp://10.0.0.5/s1')]).toEqual(['rtsp://10.0.0.5/s1', null]);
  expect(toName('file:///v/%FF.mp4')).toBe('file:///v/%FF.mp4');
});

test('each label has a file name of its own that any file system takes', () => {
  const names = toLabelNames(
    ['dining table', 'Dog', 'dog', 'café', '../../etc/passwd'].map((name) => labelOf(name, [0, 1])),
  );
  expect(names).toEqual([
    'dining-table',
    expect.stringMatching(/^Dog~[0-9a-f]{8}$/),
    expect.stringMatching(/^dog~[0-9a-f]{8}$/),
    'cafe',
    'etc-passwd',
  ]);
  const hostile = toLabelNames(HOSTILE_LABELS.map((label) => labelOf(label, [0, 1])));
  expect(hostile.filter((name) => !/^[A-Za-z0-9~][A-Za-z0-9._~-]*$/.test(name))).toEqual([]);
  expect(new Set(hostile.map((name) => name.toLowerCase())).size).toBe(HOSTILE_LABELS.length);
});

test('an edit list has a cut for each segment, in the time of the file itself', () => {
  const list = toEditList(
    labelOf('a\ndog', [0, 1500], [2000, 60_001]),
    { path: "/v/it's.mp4", startMs: 1400 },
    'labelcast',
  );
  expect(list.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'ffconcat version 1.0',
    "file '/v/it'\\''s.mp4'",
    'inpoint 1.400',
    'outpoint 2.900',
    "file '/v/it'\\''s.mp4'",
    'inpoint 3.400',
    'outpoint 61.401',
    '',
  ]);
  expect(list).toContain("# a dog in /v/it's.mp4, labelcast\n");
});

test('a path with a line break is refused: an edit list could not hold it', () => {
  expect(() => toEditList(labelOf('dog', [0, 1]), { path: '/v/a\nb.mp4', startMs: 0 }, '')).toThrow(
    'the path of /v/a b.mp4 holds a line break, which an edit list cannot',
  );
});
