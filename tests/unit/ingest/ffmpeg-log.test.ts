import { expect, test } from '@jest/globals';
import { isDamage, isTruncation, readLogLine, toIngestError } from '../../../src/ingest/ffmpeg-log.js';

test('a line is split into who speaks, how bad it is and what it says', () => {
  expect(readLogLine('[info]   Duration: N/A')).toEqual({
    level: 'info',
    context: '',
    text: '  Duration: N/A',
  });
  expect(readLogLine('[vist#0:0/h264 @ 0x56] [dec:h264 @ 0x5a] [error] no frame!')).toEqual({
    level: 'error',
    context: '[vist#0:0/h264] [dec:h264]',
    text: 'no frame!',
  });
});

test('a line without a level, as of a crash, is an error, and none is kept at any length', () => {
  expect(readLogLine('Segmentation fault').level).toBe('error');
  expect(readLogLine('x'.repeat(100_000)).text).toHaveLength(2000);
});

test.each([
  ['[h264 @ 0x1] [error] error while decoding MB 1 2, bytestream -5', true],
  ['[mpegts @ 0x1] [warning] Packet corrupt (stream = 0, dts = 29184).', true],
  ['[warning] tv.mp4: corrupt decoded frame in stream 0', true],
  ['[swscaler @ 0x1] [warning] deprecated pixel format used, make sure you did set range correctly', false],
  ['[h264 @ 0x1] [info] concealing is enabled', false],
])('%s is damage: %s', (line, expected) => {
  expect(isDamage(readLogLine(line))).toBe(expected);
});

test.each([
  '[mov,mp4,m4a,3gp,3g2,mj2 @ 0xa47ae80] [error] stream 0, offset 0x58f9: partial file',
  '[matroska,webm @ 0x3128ee80] [error] Read error',
  '[in#0/matroska,webm @ 0x55a7d196d240] [error] File ended prematurely',
  '[avi @ 0x5574c4b5c900] [warning] Packet corrupt (stream = 0, dts = 490).',
])('%s says that the file is cut off', (line) => {
  expect(isTruncation(readLogLine(line))).toBe(true);
});

test.each([
  '[mpegts @ 0x5574c4b5c900] [warning] Packet corrupt (stream = 0, dts = 490).',
  '[warning] x.avi: corrupt input packet in stream 0',
])('%s does not', (line) => {
  expect(isTruncation(readLogLine(line))).toBe(false);
});

test.each([
  ['[error] moov atom not found', 'corrupt'],
  ['[error] x.mp4: Invalid data found when processing input', 'unsupported'],
  ["[fatal] Stream map '0:V:0' matches no streams.", 'unsupported'],
  ['[error] http://h/x: Server returned 404 Not Found', 'not-found'],
  ['[https @ 0x1] [error] HTTP error 401 Unauthorized', 'auth'],
  ['[tcp @ 0x1] [error] Connection to tcp://h:1 failed: Connection refused', 'refused'],
  ['[error] Decoder (codec av1) not found for input stream #0:0', 'unsupported'],
  ['[fatal] something never heard of', 'decode'],
])('%s is reported with the cause %s, name and remedy', (line, cause) => {
  const error = toIngestError('x.mp4', [readLogLine('[info] Input #0'), readLogLine(line)]);
  expect(error.streamCause).toBe(cause);
  expect(error.message).toMatch(/^x\.mp4 /);
  expect(error.remedy).toMatch(/\.$/);
});

test('the words of ffmpeg are quoted without credentials', () => {
  const error = toIngestError('x', [readLogLine('[error] http://user:pa@ss@host/x failed oddly')]);
  expect(error.message).toBe('x could not be decoded by ffmpeg; it said: http://host/x failed oddly');
});
