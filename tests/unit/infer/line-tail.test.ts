import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { LineTail } from '../../../src/infer/line-tail.js';

function tailOf(text: string): string | null {
  const stream = new PassThrough();
  const tail = new LineTail(stream);
  stream.write(text);
  stream.resume();
  return tail.lastError();
}

test('the last line that speaks of a failure is kept, without its colour', () => {
  expect(tailOf('one\n\u001b[31mit failed\u001b[m\n    at place\n\n')).toBe('it failed');
});

test('without a failure it is the last line, finished or not', () => {
  expect([tailOf('one\ntwo'), tailOf('')]).toEqual(['two', null]);
});

test('lines older than the last twenty are forgotten', () => {
  expect(tailOf(`error\n${'fine\n'.repeat(20)}`)).toBe('fine');
});
