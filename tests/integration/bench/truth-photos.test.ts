import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { dataFolder, readLabels, readPhotos } from '../../../bench/truth/photos.js';
import { openFolder } from '../ingest/clips.js';

const folder = await openFolder();
afterAll(() => folder.close());

test('photos come with what is unknown of them, dev ones from the training split, test ones from the other', () => {
  const training = Array.from({ length: 40 }, (_, n) => `train-${n}.jpg,COCO-val2017,train,dog;tv,`);
  const rest = ['1.jpg,COCO-val2017,test,cup,', '2.jpg,VOC2007-test,test,sofa;person,person;chair'];
  const table = ['file,set,split,labels,difficult', ...training, ...rest].join('\n');
  writeFileSync(join(folder.path, 'labels.csv'), `${table}\n`);
  const photos = readPhotos(folder.path);
  const dev = photos.filter(({ set }) => set === 'dev');
  expect(dev.length).toBe(20);
  expect(dev.every(({ file }) => file.startsWith('coco/train-'))).toBe(true);
  expect(photos.filter(({ set }) => set === 'test')).toEqual([
    { file: 'coco/1.jpg', set: 'test', positives: ['cup'], unknown: [], wrong: false },
    {
      file: 'voc/2.jpg',
      set: 'test',
      positives: ['couch', 'person'],
      unknown: expect.any(Array),
      wrong: false,
    },
  ]);
  const unknown = [...photos.at(-1)!.unknown];
  expect(unknown.length).toBe(61);
  expect(unknown).toEqual(expect.arrayContaining(['cup', 'chair']));
  expect(readLabels()).toEqual(expect.arrayContaining(unknown));
});

test('a folder without the table is refused in one line that says what to do', () => {
  const data = dataFolder({ LABELCAST_SHARED: '/nowhere' });
  expect(() => readPhotos(data)).toThrow('/nowhere/data holds no labels.csv');
});
