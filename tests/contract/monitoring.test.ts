import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { METRICS, strangersIn } from './metric-names.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
interface RuleTest {
  readonly alertname: string;
  readonly exp_alerts: readonly unknown[];
}
interface Panel {
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}
interface Variable {
  readonly name: string;
  readonly query: { readonly query: string };
}

const rules = (readYaml('deploy/prometheus/alerts.yml') as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const { tests } = readYaml('deploy/prometheus/alerts.test.yml') as {
  tests: { alert_rule_test: RuleTest[]; input_series: { series: string }[] }[];
};
const ruleTests = tests.flatMap((one) => one.alert_rule_test);
const inputSeries = tests.flatMap((one) => one.input_series.map(({ series }) => series));
const board = JSON.parse(readFileSync('deploy/grafana/labelcast.json', 'utf8')) as {
  panels: Panel[];
  templating: { list: Variable[] };
};
const boardQueries = board.panels.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr));

function readYaml(file: string): unknown {
  return parse(readFileSync(file, 'utf8'));
}

function promtool(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, output: `${error?.message ?? ''}${stdout}${stderr}` };
}

test('Prometheus takes the configuration and every rule in it', () => {
  const { status, output } = promtool('check', 'config', 'deploy/prometheus/prometheus.yml');
  expect({ status, output }).toMatchObject({
    status: 0,
    output: expect.stringContaining(`${rules.length} rules found`),
  });
});

test('every alert fires when it should, and only then', () => {
  const { status, output } = promtool('test', 'rules', 'deploy/prometheus/alerts.test.yml');
  expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining('SUCCESS') });
});

test.each(rules)('$alert is tested firing and not firing, and says what to do', (rule) => {
  const expected = ruleTests
    .filter(({ alertname }) => alertname === rule.alert)
    .map(({ exp_alerts }) => exp_alerts.length);
  expect(new Set(expected)).toEqual(new Set([0, 1]));
  expect(['warning', 'critical']).toContain(rule.labels.severity);
  expect(Object.keys(rule.annotations)).toEqual(['summary', 'action']);
});

test('rules, their tests and the board name only metrics, labels and values that exist', () => {
  const variables = board.templating.list.map(({ query }) => query.query);
  const expressions = [...rules.map(({ expr }) => expr), ...inputSeries, ...boardQueries, ...variables];
  expect(expressions.flatMap(strangersIn)).toEqual([]);
  expect(strangersIn('sum by (camera) (labelcast_open_segments{label="dog"}) + labelcast_frames')).toEqual([
    'labelcast_open_segments{label}',
    'labelcast_frames',
    '(camera)',
  ]);
  expect(strangersIn('labelcast_stream_state{stream="ended",state=~"off.*|ended"} == 1')).toEqual([
    'labelcast_stream_state{state="ended"}',
  ]);
});

test('the documents name only metrics that exist', () => {
  const pages = readdirSync('docs').filter((file) => file.endsWith('.md'));
  const texts = ['README.md', 'deploy/README.md', ...pages.map((file) => join('docs', file))];
  const named = texts.flatMap(
    (file) => readFileSync(file, 'utf8').match(/\blabelcast_[a-z_]+[a-z]\b/g) ?? [],
  );
  const strangers = named.filter((name) => /_(total|seconds|info|bytes|events|state)$/.test(name));
  expect(strangers.filter((name) => !(name in METRICS))).toEqual([]);
});

test('every query of the board is valid, and each panel asks the provisioned Prometheus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labelcast-board-'));
  const filled = boardQueries.map((expr) => expr.replaceAll('$__rate_interval', '1m'));
  const file = join(folder, 'board.json');
  const asRules = filled.map((expr, index) => ({ record: `board:query:${index}`, expr }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'board', rules: asRules }] }));
  const { status, output } = promtool('check', 'rules', file);
  rmSync(folder, { recursive: true });
  expect({ status, output }).toMatchObject({
    status: 0,
    output: expect.stringContaining(`${boardQueries.length} rules found`),
  });
  const source = readYaml('deploy/grafana/provisioning/datasources/prometheus.yaml') as {
    datasources: { uid: string }[];
  };
  const uids = board.panels.flatMap(({ datasource }) => (datasource === undefined ? [] : [datasource.uid]));
  expect([...new Set(uids)]).toEqual(source.datasources.map(({ uid }) => uid));
});
