import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { openSmallDisk } from '../integration/publish/small-disk.js';
import { createFolder } from './clips.js';
import { isClearError, labelcast } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());

const SCHEMA = `${process.cwd()}/docs/schema/labelcast-config.v1.json`;

test('what init writes is a service to be checked, once a stream is uncommented', async () => {
  const file = folder.file('labelcast.yaml');
  const run = await labelcast(['init'], { cwd: folder.path });
  expect(run).toMatchObject({
    status: 0,
    stdout: '',
    stderr: 'labelcast.yaml is written; add a stream, then: labelcast serve -c labelcast.yaml --check\n',
  });
  const text = readFileSync(file, 'utf8');
  expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=${SCHEMA}`);
  const [above, below] = text.split('\nstreams:\n');
  const [streams] = below!.split('\n\n');
  writeFileSync(file, `${above}\nstreams:\n${streams!.replaceAll(/^ {2}#/gm, '  ')}\n`);
  const check = await labelcast(['serve', '-c', 'labelcast.yaml', '--check'], {
    cwd: folder.path,
    env: { CAM_PASSWORD: 'hush' },
  });
  expect(check).toMatchObject({ status: 0, stdout: 'ok: 1 stream, 0 sinks, sgfn-nano-coco80\n' });
  expect(check.stderr).toContain('  stream  gate-2  rtsp://10.0.0.5/stream1\n');
  expect(check.stderr).toMatch(/^no sinks: events stay in .*\/labelcast\.db, for labelcast report and /m);
});

test('a file that is there is replaced with --force alone; - prints', async () => {
  const file = folder.file('kept.yaml');
  writeFileSync(file, 'deployment: mine\n');
  const refused = await labelcast(['init', file]);
  expect(refused).toMatchObject({ status: 2, stdout: '' });
  expect(refused.stderr).toBe(
    `error: ${file} is there already; name another file, or replace it with --force\n`,
  );
  expect(readFileSync(file, 'utf8')).toBe('deployment: mine\n');
  expect((await labelcast(['init', file, '--force'])).status).toBe(0);
  const printed = await labelcast(['init', '-'], { cwd: folder.path });
  expect(printed).toMatchObject({ status: 0, stderr: '', stdout: readFileSync(file, 'utf8') });
});

test('within a project the schema of its own labelcast is named from there, so that the file can be shared', async () => {
  const { stdout } = await labelcast(['init', '-']);
  expect(stdout.split('\n')[0]).toBe(
    '# yaml-language-server: $schema=./docs/schema/labelcast-config.v1.json',
  );
});

test.each([
  ['a folder that is not there', '/nope/labelcast.yaml', 'its folder is not there'],
  ['a folder where nobody can write', '/proc/labelcast.yaml', 'its folder is not there'],
  ['a device', '/dev/full', 'is no file'],
])('%s: one line that says what to do', async (_, file, why) => {
  const run = await labelcast(['init', file, '--force']);
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr.split('\n')).toHaveLength(2);
  expect(run.stderr).toContain(why);
  expect(isClearError(run.stderr, file)).toBe(true);
});

test('a disk that is full: one line, and no half file is left', async () => {
  const disk = openSmallDisk('4k');
  try {
    writeFileSync(`${disk.path}/ballast`, new Uint8Array(4096));
    const file = `${disk.path}/labelcast.yaml`;
    expect(await labelcast(['init', file])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: `error: ${file} cannot be written: its disk is full; name another file, or mend this\n`,
    });
    expect(readdirSync(disk.path)).toEqual(['ballast']);
  } finally {
    disk.unmount();
  }
});

test('the command that is told can be pasted, whatever the path', async () => {
  const run = await labelcast(['init', "cam's list.yaml"], { cwd: folder.path });
  expect(run.stderr).toBe(
    "cam's list.yaml is written; add a stream, then: labelcast serve -c 'cam'\\''s list.yaml' --check\n",
  );
  expect(readdirSync(folder.path)).toContain("cam's list.yaml");
});

test('a folder gets a labelcast.yaml', async () => {
  mkdirSync(folder.file('etc'));
  expect((await labelcast(['init', folder.file('etc')])).status).toBe(0);
  expect(readFileSync(folder.file('etc/labelcast.yaml'), 'utf8')).toContain('\nstreams:\n');
});
