import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ReportData } from '../../src/report/report-data.js';
import { TinyPackage } from '../integration/infer/tiny-package.js';
import { createFolder, ffmpeg } from './clips.js';
import { labelcast } from './labelcast.js';

const folder = createFolder();
const one = new TinyPackage('tiny');
const strict = new TinyPackage('crowded');
const clip = folder.file('orange.mkv');
const AGAIN = `WARN ${clip}: the settings and the model are those of an earlier run: its results are taken again\n`;

beforeAll(() => {
  ffmpeg('-f', 'lavfi', '-i', 'color=0xFF9000:size=64x64:rate=10:duration=4', '-c:v', 'ffv1', clip);
  const manifest = `${strict.dir}/manifest.json`;
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"enter":0.5', '"enter":0.7'));
});
afterAll(() => {
  folder.remove();
  one.remove();
  strict.remove();
});

/** Tags the clip and gathers what each of the files in the folder, and `report`, say was found. */
async function tagInto(out: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const run = await labelcast(['tag', clip, '-o', out, '--table', ...flags], { env });
  const read = (name: string) => readFileSync(`${out}/${name}`, 'utf8');
  const vtt = readdirSync(out).find((name) => name.endsWith('.vtt'))!;
  const report = await labelcast(['report', out, '-f', 'json']);
  const data = JSON.parse(report.stdout) as ReportData;
  const labelsOf = (text: string) =>
    [...text.matchAll(/\b(red|green)\b/g)].map(([label]) => label).toSorted();
  return {
    status: run.status,
    said: run.stderr.replace(/^\d\d\S+ /gm, ''),
    terminal: labelsOf(run.stdout),
    csv: labelsOf(read('segments.csv')),
    vtt: labelsOf(read(vtt)),
    report: data.sources[0]!.labels.map(({ label }) => label).toSorted(),
    page: /"model":"(\w+)/.exec(read('report.html'))?.[1],
    model: data.model,
  };
}

test('back at an earlier model, all files of a folder show what that found', async () => {
  const out = folder.file('models');
  const first = await tagInto(out, ['--model', one.dir]);
  const [labels, said] = [['green', 'red'], ''];
  expect(first).toEqual(toFound(labels, { said, page: 'tiny', model: 'tiny 1.0.0' }));
  const second = await tagInto(out, ['--model', strict.dir]);
  expect(second.said).toMatch(/^WARN .*orange\.mkv: .*, so it is tagged from its beginning\n$/);
  expect(second).toEqual(toFound(['red'], { said: second.said, page: 'crowded', model: 'crowded 1.0.0' }));
  const events = readFileSync(`${out}/events.ndjson`, 'utf8');
  expect(await tagInto(out, ['--model', one.dir])).toEqual({ ...first, said: AGAIN });
  expect(await tagInto(out, ['--model', one.dir])).toEqual(first); // the newest already
  expect(readFileSync(`${out}/events.ndjson`, 'utf8')).toBe(events);
});

test('back at an earlier rate or threshold too', async () => {
  const out = folder.file('settings');
  const first = await tagInto(out, ['--model', one.dir, '--fps', '2']);
  const strictly = { LABELCAST_SMOOTHING_ENTER: '0.7' };
  const second = await tagInto(out, ['--model', one.dir], strictly);
  expect([first.vtt, second.vtt, second.csv]).toEqual([['green', 'red'], ['red'], ['red']]);
  expect(await tagInto(out, ['--model', one.dir, '--fps', '2'])).toEqual({ ...first, said: AGAIN });
  expect(await tagInto(out, ['--model', one.dir], strictly)).toEqual({ ...second, said: AGAIN });
});

function toFound(labels: readonly string[], rest: { said: string; page: string; model: string }) {
  return { status: 0, terminal: labels, csv: labels, vtt: labels, report: labels, ...rest };
}
