import { expect, test } from '@jest/globals';
import { InferError } from '../../src/errors.js';
import { Metrics } from '../../src/metrics.js';
import type { JournalRow, Sink } from '../../src/types.js';
import { METRICS, VALUES } from './metric-names.js';

const NOT_YET = ['labelcast_jobs'];

/** Everything that can be counted, counted once. */
async function everything(): Promise<Metrics> {
  const metrics = new Metrics('no-such-journal.db', '1.2.3');
  metrics.addStream('gate');
  const { queue } = metrics;
  for (let n = 0; n < 5; n++) queue.received!('gate');
  queue.scored!('gate', { waitedMs: 10, ageMs: 40 });
  queue.dropped!('gate', 'overflow');
  queue.skipped!('gate');
  queue.failed!('gate', new InferError('it kills the tagger', { frameFailure: 'poison' }));
  queue.batch!({ closedBy: 'size', frames: 2, fixed: false });
  const stream = metrics.observeStream('gate');
  stream.unread();
  stream.connection('online');
  stream.connection('offline', { cause: 'stalled', message: 'it stalled' });
  stream.decodeError();
  stream.advanced('gate', 1_700_000_000_000);
  stream.openSegments(2);
  stream.decoder('cuda');
  metrics.taggerRestarted('signal');
  metrics.running(
    { name: 'm', version: '1', sha256: 'f', labels: [] },
    { requested: 'auto', effective: 'cpu', device: 'CPU' },
  );
  const refusing: Sink = {
    name: 'main',
    open: async () => {},
    deliver: async (rows) => {
      if (rows.length > 1) throw new Error('no');
      return '1';
    },
  };
  const sink = metrics.delivery.observeSink(refusing, { pending: () => 7, state: () => 'retrying' });
  const row = { position: 1, json: '{}', committedMs: Date.now() } as JournalRow;
  const never = new AbortController().signal;
  await sink.deliver([row], never);
  await expect(sink.deliver([row, row], never)).rejects.toThrow('no');
  metrics.delivery.observeRetention(1e9)({ events: 2, segments: 1, scores: 0, shed: 3 });
  const journal = metrics.delivery.observeJournal({ commit: async () => {} } as never);
  await journal.commit({ events: [{ type: 'io.labelcast.label.started.v1' }] } as never);
  return metrics;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function samplesOf(text: string): Sample[] {
  return [...text.matchAll(/^(labelcast_\w+)(?:\{([^}]*)\})? (\S+)$/gm)].map(
    ([, name, labels = '', value]) => ({
      name: name!,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, held]) => [label!, held!]),
      ),
      value: Number(value),
    }),
  );
}

test('every series is one of the contract, with its labels, and none of those that exist is missing', async () => {
  const samples = samplesOf(await (await everything()).text());
  for (const { name, labels } of samples)
    expect([name, Object.keys(labels).sort()]).toEqual([name, [...(METRICS[name] ?? [])].sort()]);
  const given = new Set(samples.map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, '')));
  const wanted = Object.keys(METRICS).map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
  expect([...new Set(wanted)].filter((name) => !given.has(name))).toEqual(NOT_YET);
});

test('labels hold only the values that rules and boards may name, and a stream has a series for every state', async () => {
  const samples = samplesOf(await (await everything()).text());
  const strange = samples.flatMap(({ name, labels }) =>
    Object.entries(VALUES[name] ?? {})
      .filter(([label, values]) => !values.includes(labels[label]!))
      .map(([label]) => `${name}{${label}="${labels[label]}"}`),
  );
  expect(strange).toEqual([]);
  const states = samples.filter(({ name }) => name === 'labelcast_stream_state');
  expect(states.map(({ labels }) => labels['state'])).toEqual(VALUES['labelcast_stream_state']!['state']);
});

test('received = inferred + dropped + skipped + failed + in flight', async () => {
  const samples = samplesOf(await (await everything()).text());
  const sum = (name: string) =>
    samples
      .filter((one) => one.name === `labelcast_frames_${name}`)
      .reduce((total, { value }) => total + value, 0);
  expect(sum('received_total')).toBe(6);
  const ends = ['inferred_total', 'dropped_total', 'skipped_total', 'failed_total', 'in_flight'];
  expect(ends.map(sum)).toEqual([1, 2, 1, 1, 1]);
});

test('a stream that is removed leaves no series, and others keep theirs', async () => {
  const metrics = await everything();
  metrics.addStream('door');
  await metrics.removeStream('gate');
  const text = await metrics.text();
  expect(text).not.toContain('stream="gate"');
  expect(text).toContain('labelcast_frames_received_total{stream="door"} 0');
  expect(text).toMatch(/^labelcast_frames_in_flight 0$/m);
});
