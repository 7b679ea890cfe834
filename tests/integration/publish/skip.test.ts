import './disposal.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openJournal } from '../../../src/publish/journal.js';
import { toLostEvent } from '../../../src/publish/lost-event.js';
import { SinkRelays } from '../../../src/publish/sink-relays.js';
import { toStreamEvent } from '../../../src/publish/stream-events.js';
import type { LabelcastEvent } from '../../../src/types.js';
import { issuesOf } from '../../event-schema.js';
import { fileIdentity } from '../../unit/publish/samples.js';
import { Committer } from './committer.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelcast-skip-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a skipped event is replaced for one sink by a lost event of its number; one without a number by nothing', async () => {
  await using journal = await openJournal({ path: join(folder, 'journal.db') });
  const cat = await Committer.open(journal, 'cat');
  await cat.commit();
  const state = toStreamEvent('default', { ...fileIdentity('cat'), state: 'failed', cause: 'corrupt' }, 0);
  await journal.commit({ epoch: null, events: [state], segments: [], scores: [], checkpoint: null });
  await cat.commit();
  const rows = await journal.read(0, 100);
  const [, second, third] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]];
  const lost = toLostEvent(second.event, 'it is too large')!;
  expect(issuesOf(lost)).toEqual([]);
  expect(toLostEvent(third.event, 'it is too large')).toBeNull();
  await journal.skip('short', { position: second.position, json: JSON.stringify(lost) });
  await journal.skip('short', { position: third.position, json: null });
  await deliver(['short', 'whole']);
  const all = rows.map(({ event }) => event);
  expect(await readEvents('whole')).toEqual(all);
  expect(await readEvents('short')).toEqual([all[0], lost, all[3], all[4]]);
  expect(lost).toMatchObject({
    type: 'io.labelcast.event.lost.v1',
    sequence: second.event.sequence,
    data: { state: 'lost', lostId: second.event.id, sequence: 2, detail: 'it is too large' },
  });

  // one that is the only one of its delivery: the place in the file is that of before
  await cat.commit();
  const left = await journal.read(rows.at(-1)!.position, 100);
  for (const { position } of left) await journal.skip('short', { position, json: null });
  await deliver(['short']);
  await deliver(['short']);
  expect(await readEvents('short')).toEqual([all[0], lost, all[3], all[4]]);
  expect((await journal.cursor('short'))?.position).toBe(journal.lastPosition);

  async function deliver(names: readonly string[]): Promise<void> {
    const quiet = { onTrouble() {}, onRecovered() {}, onStopped() {}, onWarning() {} };
    await using relays = new SinkRelays({ journal, liveIds: [], isPatient: true, anew: '', ...quiet });
    for (const name of names)
      await relays.add({ name, from: 'beginning', ndjson: { path: join(folder, `${name}.ndjson`) } });
    expect(await relays.flush(AbortSignal.timeout(60_000))).toEqual([]);
  }

  async function readEvents(name: string): Promise<LabelcastEvent[]> {
    const lines = readFileSync(join(folder, `${name}.ndjson`), 'utf8')
      .trimEnd()
      .split('\n');
    return lines.map((line) => JSON.parse(line) as LabelcastEvent);
  }
});
