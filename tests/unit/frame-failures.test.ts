import { expect, test } from '@jest/globals';
import { InferError } from '../../src/errors.js';
import { FrameFailures } from '../../src/frame-failures.js';

test('each cause is told once with its remedy, and again after a minute with how many there were', () => {
  const said: string[] = [];
  let nowMs = 0;
  const log = { warn: (of: object, text: string) => void said.push(`${JSON.stringify(of)} ${text}`) };
  const failures = new FrameFailures('gate', log as never, () => nowMs);
  const memory = new InferError('no room', { frameFailure: 'memory', remedy: 'free memory' });
  const lost = new Error('odd');
  for (const error of [memory, memory, lost, memory]) failures.tell(error);
  nowMs = 60_000;
  for (const error of [memory, memory, lost]) failures.tell(error);
  const toField = (reason: string) => `{"stream":"gate","cause":"inference","reason":"${reason}"}`;
  expect(said).toEqual([
    `${toField('memory')} a frame is left out: no room; free memory`,
    `${toField('tagger')} a frame is left out: odd; see \`labelcast doctor\``,
    `${toField('memory')} a frame is left out: no room (and 2 more since it was said last); free memory`,
    `${toField('tagger')} a frame is left out: odd; see \`labelcast doctor\``,
  ]);
});
