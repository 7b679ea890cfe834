import { expect, test } from '@jest/globals';
import { LIVE_URL, toLiveUrlProblem } from '../../../src/config/live-url.js';

test.each(['rtsp://10.0.0.5/stream1', 'RTSPS://h/x', 'udp://:5000', 'https://h/live.m3u8'])(
  '%s is one',
  (url) => {
    expect(LIVE_URL.test(url)).toBe(true);
  },
);

test.each([
  ['rtps://user:hush@10.0.0.5/x', 'rtps is no scheme of live sources; did you mean rtsp?'],
  ['ftp://10.0.0.5/x', 'ftp is no scheme of live sources; did you mean rtp?'],
  ['webrtc://10.0.0.5/x', 'webrtc is no scheme of live sources'],
  ['10.0.0.6/stream1', 'write the URL of a live source, such as rtsp://10.0.0.5/stream1'],
  ['/clips/a.mp4', 'write the URL of a live source, such as rtsp://10.0.0.5/stream1'],
  ['rtsp://10.0.0.5/a b', 'write a host behind rtsp://, and %20 for a blank'],
])('%s is none: %s', (url, problem) => {
  expect([LIVE_URL.test(url), toLiveUrlProblem(url)]).toEqual([false, problem]);
});
