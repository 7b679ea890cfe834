import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { Prometheus, Series } from '../services/prometheus.js';
import { until } from '../until.js';

const GONE = '{__name__=~"labelcast_frames_(inferred|dropped|skipped|failed)_total"}';
const UNDER_WAY = `(sum by (stream) (labelcast_frames_received_total) - sum by (stream) (${GONE}))`;
/** Counters of what need not happen, which have no series until it does. */
const MAY_LACK_SERIES = [
  'frames_dropped_total',
  'frames_skipped_total',
  'frames_failed_total',
  'inference_restarts_total',
  'delivery_failures_total',
].map((name) => `labelcast_${name}`);

/** Every scrape of a service with two cameras and a dead one, from its start until `loseCameras` has taken effect. */
export async function checkScrapes(prometheus: Prometheus, loseCameras: () => Promise<void>): Promise<void> {
  const scored = 'labelcast_frames_inferred_total > 5';
  await until('both cameras scored', async () => (await prometheus.query(scored)).length === 2);
  await until('it is up', async () => (await prometheus.query('up{job="labelcast"} == 1')).length === 1);
  await loseCameras();
  const drained = 'sum(labelcast_stream_state{state="online"}) + sum(labelcast_frames_in_flight) == 0';
  await until('nothing left to score', async () => (await prometheus.query(drained)).length === 1);
  // a scrape that took too long leaves nothing to ask for until the next one
  let left: Series[] = [];
  await until('all three streams scraped', async () => {
    left = await prometheus.query(UNDER_WAY);
    return left.length >= 3;
  });
  expect(Object.fromEntries(left.map(({ metric, values }) => [metric['stream'], values[0]![1]]))).toEqual({
    dead: '0',
    'gate-1': '0',
    'gate-2': '0',
  });
  // Samples of one scrape have one time, and an expression sees a scrape whole or not at all.
  const balances = await prometheus.history(`sum(${UNDER_WAY}) - sum(labelcast_frames_in_flight)`);
  expect(new Set(balances.flatMap(({ values }) => values.map(([, value]) => value)))).toEqual(new Set(['0']));
  expect(await prometheus.history(`${UNDER_WAY} < 0`)).toEqual([]);
}

/** What the rules and the board of `deploy/` ask for is there, and the rules can be evaluated. */
export async function checkDeployed(prometheus: Prometheus): Promise<void> {
  const families = (await prometheus.get('targets/metadata', { match_target: '{job="labelcast"}' })) as {
    metric: string;
  }[];
  const known = new Set(families.map(({ metric }) => metric));
  const wanted = deployedMetrics();
  expect(wanted.length).toBeGreaterThan(15);
  expect(wanted.filter((name) => !known.has(name))).toEqual([]);
  let lacking: string[] = [];
  await until('all of them scraped', async () => {
    const series = await prometheus.query('group by (__name__) ({__name__=~"labelcast_.+"})');
    const scraped = new Set(series.map(({ metric }) => toFamily(metric['__name__']!)));
    lacking = wanted.filter((name) => !scraped.has(name) && !MAY_LACK_SERIES.includes(name));
    return lacking.length === 0;
  }).catch(() => {}); // those that are not are named
  expect(lacking).toEqual([]);
  const health = async (): Promise<string[]> => {
    const { groups } = (await prometheus.get('rules')) as { groups: { rules: { health: string }[] }[] };
    return groups.flatMap(({ rules }) => rules.map((rule) => rule.health));
  };
  await until('the rules evaluated', async () => !(await health()).includes('unknown'));
  expect(new Set(await health())).toEqual(new Set(['ok']));
}

/** Metrics that the alert rules and the board of `deploy/` ask for; of a histogram its own name. */
function deployedMetrics(): string[] {
  const texts = ['deploy/prometheus/alerts.yml', 'deploy/grafana/labelcast.json'].map((file) =>
    readFileSync(file, 'utf8'),
  );
  const names = texts.flatMap((text) => text.match(/\blabelcast_\w+/g) ?? []);
  return [...new Set(names.map(toFamily))];
}

function toFamily(name: string): string {
  return name.replace(/_(?:bucket|sum|count)$/, '');
}
