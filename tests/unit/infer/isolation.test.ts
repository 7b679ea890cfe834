import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Isolation } from '../../../src/infer/isolation.js';

/** Work that notes its start and ends when told. */
function work(log: string[], name: string): { run: () => Promise<string>; end: () => void } {
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => (log.push(name), over.then(() => name)), end };
}

test('work runs side by side until some must run alone, which goes first', async () => {
  const log: string[] = [];
  const isolation = new Isolation();
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => work(log, name)) as [
    ReturnType<typeof work>,
    ReturnType<typeof work>,
    ReturnType<typeof work>,
    ReturnType<typeof work>,
    ReturnType<typeof work>,
  ];
  const all = [
    isolation.together(a.run),
    isolation.together(b.run),
    isolation.alone(c.run),
    isolation.alone(d.run),
    isolation.together(e.run),
  ];
  a.end();
  await turn();
  expect(log).toEqual(['a', 'b']);
  b.end();
  await turn();
  expect(log).toEqual(['a', 'b', 'c']);
  c.end();
  await turn();
  expect(log).toEqual(['a', 'b', 'c', 'd']);
  d.end();
  e.end();
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('work that fails gives its place free', async () => {
  const isolation = new Isolation();
  await expect(isolation.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await isolation.together(() => Promise.resolve('yes'))).toBe('yes');
});
