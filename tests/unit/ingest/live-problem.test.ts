import { expect, test } from '@jest/globals';
import { toLiveProblem } from '../../../src/ingest/live-problem.js';

test.each([
  [
    '[tcp @ 0x1] Failed to resolve hostname gate: Name or service not known',
    'the name of its host is not known',
  ],
  ['[tcp @ 0x1] Connection to tcp://10.0.0.5:554 failed: Connection refused', 'nothing listens on that port'],
  ['[tcp @ 0x1] Connection to tcp://10.0.0.5:554 failed: No route to host', 'no network leads there'],
  [
    '[srt @ 0x1] Connection to srt://10.0.0.5:9000 failed: Input/output error',
    'nothing answers on that port, or it refuses',
  ],
])('%s', (text, why) => {
  const end = {
    lines: [{ level: 'error', text }],
    exit: { code: 1, signal: null, spawnError: null },
    isOpened: false,
  } as unknown as Parameters<typeof toLiveProblem>[0]['end'];
  expect(toLiveProblem({ name: 'rtsp://gate/1', end, hadPicture: false, silentMs: null })).toMatchObject({
    message: `rtsp://gate/1 cannot be reached: ${why}`,
    streamCause: 'refused',
    retryable: true,
  });
});

test('an RTMP server that closes before it answers is no damaged data', () => {
  const end = {
    lines: [
      { level: 'error', text: '[rtmps @ 0x1] Cannot read RTMP handshake response' },
      { level: 'fatal', text: 'Error opening input files: End of file' },
    ],
    exit: { code: 1, signal: null, spawnError: null },
    isOpened: false,
  } as unknown as Parameters<typeof toLiveProblem>[0]['end'];
  const problem = toLiveProblem({ name: 'rtmps://gate/live/1', end, hadPicture: false, silentMs: null });
  expect(problem).toMatchObject({
    message: 'rtmps://gate/live/1 broke off before it answered',
    streamCause: 'refused',
  });
});

test('a certificate that is not trusted is named, with how to trust it', () => {
  const text = 'error:0A000086:SSL routines::certificate verify failed';
  const end = {
    lines: [
      { level: 'error', text },
      { level: 'error', text: 'Invalid data found when processing input' },
    ],
    exit: { code: 1, signal: null, spawnError: null },
    isOpened: false,
  } as unknown as Parameters<typeof toLiveProblem>[0]['end'];
  const problem = toLiveProblem({ name: 'https://gate/live.m3u8', end, hadPicture: false, silentMs: null });
  expect(problem).toMatchObject({ streamCause: 'refused' });
  expect(`${problem.message} ${problem.remedy}`).toMatch(/certificate.*does not trust.*SSL_CERT_FILE/);
});

test.each([
  ['SRTO_PASSPHRASE', 'auth', /passphrase that SRT does not take.*10 to 79 characters/],
  ['SRTO_STREAMID', 'unsupported', /parameter in its URL that SRT does not take.*question mark/],
])('%s that SRT refuses is told as such', (option, streamCause, words) => {
  const text = `[srt @ 0x1] failed to set option ${option} on socket: Operation not supported: Bad parameters`;
  const end = {
    lines: [{ level: 'error', text }],
    exit: { code: 1, signal: null, spawnError: null },
    isOpened: false,
  } as unknown as Parameters<typeof toLiveProblem>[0]['end'];
  const problem = toLiveProblem({ name: 'srt://10.0.0.5:9000', end, hadPicture: false, silentMs: null });
  expect(problem).toMatchObject({ streamCause, retryable: false });
  expect(`${problem.message} ${problem.remedy}`).toMatch(words);
});

test.each([
  ['udp://:5000', /^nobody has sent to .*sends to this address and port/],
  ['rtp://239.1.2.3:5000', /^nobody has sent to/],
  ['srt://:9000?mode=listener', /^nobody has sent to/],
  ['tcp://:9000?listen', /^nobody has sent to/],
  ['tcp://10.0.0.5:9000?listen=0', /does not answer/],
  ['srt://10.0.0.5:9000', /does not answer.*that the camera is on/],
])('%s that stays silent', (name, words) => {
  const end = {
    lines: [],
    exit: { code: null, signal: 'SIGKILL', spawnError: null },
    isOpened: false,
  } as unknown as Parameters<typeof toLiveProblem>[0]['end'];
  const problem = toLiveProblem({ name, end, hadPicture: false, silentMs: 8000 });
  expect(problem).toMatchObject({ streamCause: 'timeout', retryable: true });
  expect(`${problem.message} ${problem.remedy}`).toMatch(words);
});
