import { expect, test } from '@jest/globals';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { toPictureFile } from '../../../../src/cli/explain/picture-file.js';

function nameFor(clip: string, ...labels: readonly string[]): string {
  return basename(toPictureFile({ output: tmpdir(), clip, labels, isForced: true }).path);
}

test.each([
  ['clips/Café 1.mp4', ['hot dog'], 'Cafe-1.hot-dog.svg'],
  ['a.mp4', ['犬', '猫'], 'a.犬+猫.svg'],
  ['公園.mp4', ['собака'], '公園.собака.svg'],
  // marks that change the word stay
  ['a.mp4', ['ばば', '한국', 'कि'], 'a.ばば+한국+कि.svg'],
  ['a.mp4', ['../x/..'], 'a.x.svg'],
  ['https://host/b.mp4?at=1', ['?', '!'], 'b.clip+clip.svg'],
  ['a.mp4', ['a', 'b', 'c', 'd'], 'a.4-labels.svg'],
])('the picture of %s with %j is named so that it can be known', (clip, labels, name) => {
  expect(nameFor(clip, ...labels)).toBe(name.normalize('NFC'));
});

test('a name leaves room for that of its draft, and ends with a whole character', () => {
  const name = nameFor(`${'公'.repeat(60)}.mp4`, ...['犬', '猫', '鳥'].map((one) => one.repeat(60)));
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(
    255 - '.00000000-0000-0000-0000-000000000000.tmp'.length,
  );
  expect(name).toBe(`${'公'.repeat(26)}.${'犬'.repeat(13)}+${'猫'.repeat(13)}+${'鳥'.repeat(13)}.svg`);
});
