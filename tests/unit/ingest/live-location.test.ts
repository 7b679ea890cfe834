import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isLiveUrl, readLiveUrl } from '../../../src/ingest/live-location.js';

test('a camera is known by host and path, never by its credentials', () => {
  const digits = createHash('sha256').update('rtsp://10.0.0.5:8554/Streaming/1').digest('hex').slice(0, 8);
  const location = readLiveUrl('rtsp://admin:s3cret@10.0.0.5:8554/Streaming/1');
  expect(location).toEqual({
    url: 'rtsp://admin:s3cret@10.0.0.5:8554/Streaming/1',
    name: 'rtsp://10.0.0.5:8554/Streaming/1',
    sourceUri: 'rtsp://10.0.0.5:8554/Streaming/1',
    streamId: `10.0.0.5-8554-Streaming-1~${digits}`,
  });
  expect(readLiveUrl('rtsp://eve:other@10.0.0.5:8554/Streaming/1').streamId).toBe(location.streamId);
});

test('secrets in a query are in no name and make no other stream', () => {
  const [one, two] = [readLiveUrl('rtsp://cam/live?token=abc'), readLiveUrl('rtsp://cam/live?token=def')];
  expect(one.streamId).toBe(two.streamId);
  expect(JSON.stringify([one.name, one.sourceUri, one.streamId])).not.toContain('abc');
});

test('secrets in a path are in no name and in no streamId', () => {
  for (const path of ['user=admin&password=S3cret&channel=1', 'user=admin_password=S3cret_channel=1.sdp']) {
    const location = readLiveUrl(`rtsp://10.0.0.5:554/${path}`);
    expect(JSON.stringify({ ...location, url: '' })).not.toContain('S3cret');
  }
});

test.each([
  'rtsp://cam/1',
  'RTSPS://cam/1',
  'rtmp://host/app/key',
  'srt://host:9000',
  'udp://:5000',
  'udp://@239.0.0.1:5000',
])('%s is live and can be read', (url) => {
  expect(isLiveUrl(url)).toBe(true);
  expect(readLiveUrl(url).streamId).toMatch(/^[A-Za-z0-9._~-]{1,80}$/);
});

test.each(['clip.mp4', 'file:///clip.mp4', 'https://host/clip.mp4', '/rtsp://x', ''])('%s is not', (arg) => {
  expect(isLiveUrl(arg)).toBe(false);
});

test.each(['rtsp://', 'rtsp:///path', 'rtsp://cam:99999/x', 'rtsp://ca m/x'])(
  '%s is refused as malformed',
  (arg) => {
    expect(() => readLiveUrl(arg)).toThrow(/is not a valid URL/);
  },
);

test('what is malformed is refused without its password', () => {
  for (const arg of [
    'rtsp://admin:s3cret@cam:99999/x',
    'rtsp://admin:s3/cret@cam/x',
    'foo://admin:s3cret@cam',
  ]) {
    try {
      expect(readLiveUrl(arg).name).not.toMatch(/s3|cret/);
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toMatch(/s3|cret/);
    }
  }
});

test('an address whose password is not encoded is refused before it is opened, with what to write', () => {
  expect(() => readLiveUrl('rtsp://op:p@ss#1@127.0.0.1:39583/cam')).toThrow(
    expect.objectContaining({
      message: 'rtsp://127.0.0.1:39583/cam is not opened',
      remedy: expect.stringMatching(/holds @, # or \/: write %40, %23, %2F/),
    }),
  );
});
