import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { writeDocument } from '../../../src/report/write-document.js';

const folder = mkdtempSync(join(tmpdir(), 'labelcast-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what replaces a file is read by nobody who could not read the old one, and links to it stay', async () => {
  const [file, link] = [join(folder, 'real.yaml'), join(folder, 'link.yaml')];
  writeFileSync(file, 'old', { mode: 0o600 });
  symlinkSync(file, link);
  await writeDocument(link, 'new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('a folder that is not there is named, with what to do', async () => {
  await expect(writeDocument(join(folder, 'none', 'a.svg'), '', 'make it')).rejects.toMatchObject({
    message: expect.stringMatching(/a\.svg cannot be written: its folder is not there$/),
    remedy: 'make it',
  });
});
