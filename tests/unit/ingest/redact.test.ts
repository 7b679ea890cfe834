import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUserInfoRaw, redact, redactUrl } from '../../../src/redact.js';

test.each([
  ['rtsp://user:secret@10.0.0.5/stream1', 'rtsp://10.0.0.5/stream1'],
  ['rtsp://user:s@cr@t@10.0.0.5:554/a', 'rtsp://10.0.0.5:554/a'],
  ['rtsp://user:sec/ret@10.0.0.5/a', 'rtsp://10.0.0.5/a'],
  ['http://h:8080/a@2x.mp4', 'http://h:8080/a@2x.mp4'],
  ['https://h/a.mp4?token=abc&x=1#t', 'https://h/a.mp4?token=***&x=1#t'],
  ['https://h/a?X-Amz-Signature=ab%20&X-Amz-Date=1', 'https://h/a?X-Amz-Signature=***&X-Amz-Date=1'],
  [
    'rtsp://h:554/user=admin_password=tl_channel=1_stream=0.sdp',
    'rtsp://h:554/user=admin_password=***_channel=1_stream=0.sdp',
  ],
  ['rtsp://h/user=admin&password=S3cret&channel=1', 'rtsp://h/user=admin&password=***&channel=1'],
  ['http://h/cgi?userpwd=ab&psw=cd', 'http://h/cgi?userpwd=***&psw=***'],
  ['rtsp://admin:1234#5@host/cam', 'rtsp://host/cam'],
  ['http://h/a/key=frames#t=1', 'http://h/a/key=***#t=1'],
  ["opening 'http://a:b@h/x' and http://c@i failed", "opening 'http://h/x' and http://i failed"],
  ['C:\\clips\\a@b.mp4 at 12:30', 'C:\\clips\\a@b.mp4 at 12:30'],
])('%s becomes %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('no password of a valid URL survives', () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9%!$&*+,;=:@_-]{1,20}$/).map((text) => `PW${text}`);
  fc.assert(
    fc.property(word, (password) => {
      expect(redact(`see rtsp://user:${password}@camera.example/1 for it`)).toBe(
        'see rtsp://camera.example/1 for it',
      );
    }),
  );
});

test.each([
  ["http://u:se'cret@host/x.mp4", 'http://host/x.mp4'],
  ['http://u:a b"c@host/x.mp4', 'http://host/x.mp4'],
  ['http://host/x.mp4#token=abc', 'http://host/x.mp4#token=***'],
  ['clips/it is.mp4', 'clips/it is.mp4'],
])('an argument as a whole, %s, loses its credentials', (arg, shown) => {
  expect(redactUrl(arg)).toBe(shown);
});

test.each([
  ['rtsp://op:p@ss#1@127.0.0.1:39583/cam', 'rtsp://127.0.0.1:39583/cam'],
  ['rtsp://op:p@ss@cam/1', 'rtsp://cam/1'],
  ['rtsp://op:p/ss@cam/1', 'rtsp://cam/1'],
  ['rtsp://op:12/34@cam/1', 'rtsp://cam/1'],
  ['rtsp://op:12#34@cam/1', 'rtsp://cam/1'],
  ['rtsp://op#1@cam/1', 'rtsp://cam/1'],
  ['http://op:1?a=b@cam/1?token=x', 'http://cam/1?token=***'],
  ['http://op:1\\2@cam/1', 'http://cam/1'],
])('%s is refused and known as %s', (address, shown) => {
  expect([isUserInfoRaw(address), redactUrl(address)]).toEqual([true, shown]);
});

test.each([
  'rtsp://op:p%40ss%231@10.0.0.5:554/cam',
  'rtsp://10.0.0.5:554/user=a&password=b@c',
  'rtsp://[::1]:554/a@b',
  'http://h/a@2x.mp4',
  'http://h/live?user=me@example.org',
  'udp://@239.0.0.1:5000',
  'clips/a:b/c@d.mp4',
])('%s can be told apart', (address) => {
  expect(isUserInfoRaw(address)).toBe(false);
});

test('whatever a password holds, its address is refused or shown as it is without it', () => {
  const password = fc.stringMatching(/^[!-~]{1,12}$/).map((text) => text.replaceAll('%', '-'));
  fc.assert(
    fc.property(fc.constantFrom('rtsp', 'http', 'rtmps', 'srt'), password, (scheme, word) => {
      expect(redactUrl(`${scheme}://op:${word}@camera.example:554/cam`)).toBe(
        `${scheme}://camera.example:554/cam`,
      );
    }),
    { numRuns: 3000 },
  );
});
