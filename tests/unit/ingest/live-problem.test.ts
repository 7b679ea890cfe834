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
