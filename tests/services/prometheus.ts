import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { parse, stringify } from 'yaml';
import { answerOf } from '../answer.js';
import { until } from '../until.js';

const DEPLOYED = 'deploy/prometheus/prometheus.yml';
/** Also how long a scrape may take. */
const INTERVAL = '1s';

interface PrometheusConfig {
  readonly global: Record<string, string>;
  readonly rule_files: string[];
  readonly scrape_configs: {
    readonly authorization: { readonly credentials: string };
    static_configs: { targets: string[] }[];
  }[];
}

/** One series of an answer: its labels, and its values by time. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** A running Prometheus, real and in a process of its own. */
export interface Prometheus extends AsyncDisposable {
  /** The `data` of an answer of its API. */
  get(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>;
  /** The value of an expression by the labels it is grouped by, now. */
  query(expression: string): Promise<Series[]>;
  /** Its values at each quarter of a second since it was started. */
  history(expression: string): Promise<Series[]>;
}

/** The token that the scrape config of `deploy/` sends. */
export function deployedToken(): string {
  return readDeployed().scrape_configs[0]!.authorization.credentials;
}

/** Starts Prometheus with the config of `deploy/`, which is led to another target (HOST:PORT) and made to scrape often. */
export async function openPrometheus(target: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'labelcast-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, stringify(toTestConfig(readDeployed(), target)));
  const options = { 'config.file': file, 'storage.tsdb.path': join(folder, 'data') };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const startSeconds = Date.now() / 1000;
  const child = spawn('prometheus', [...args, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const address = await becomeReady(createInterface({ input: child.stderr })).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );
  const get: Prometheus['get'] = async (path, query = {}) => {
    const url = new URL(`http://${address}/api/v1/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const response = await answerOf(url);
    const { status, data, error } = (await response.json()) as {
      status: string;
      data: unknown;
      error?: string;
    };
    if (status !== 'success') throw new Error(`Prometheus: ${path}: ${error}`);
    return data;
  };
  return {
    get,
    async query(expression) {
      const { result } = (await get('query', { query: expression })) as {
        result: { metric: Series['metric']; value: Series['values'][number] }[];
      };
      return result.map(({ metric, value }) => ({ metric, values: [value] }));
    },
    async history(expression) {
      const range = { start: String(startSeconds), end: String(Date.now() / 1000), step: '0.25' };
      const { result } = (await get('query_range', { query: expression, ...range })) as { result: Series[] };
      return result;
    },
    [Symbol.asyncDispose]: close,
  };
}

function readDeployed(): PrometheusConfig {
  return parse(readFileSync(DEPLOYED, 'utf8')) as PrometheusConfig;
}

function toTestConfig(deployed: PrometheusConfig, target: string): PrometheusConfig {
  const { global, rule_files, scrape_configs } = deployed;
  return {
    global: { ...global, scrape_interval: INTERVAL, evaluation_interval: INTERVAL },
    rule_files: rule_files.map((file) => resolve(DEPLOYED, '..', file)),
    scrape_configs: scrape_configs.map((one) => ({ ...one, static_configs: [{ targets: [target] }] })),
  };
}

/** Its address, once it answers there. */
async function becomeReady(lines: Interface): Promise<string> {
  const address = await findAddress(lines);
  await until('Prometheus is ready', async () => (await answerOf(`http://${address}/-/ready`)).ok);
  return address;
}

function findAddress(lines: Interface): Promise<string> {
  const seen: string[] = [];
  return new Promise((found, fail) => {
    lines.on('line', (line) => {
      seen.push(line);
      const address = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
      if (address !== undefined) found(address);
    });
    lines.on('close', () => fail(new Error(`Prometheus did not start: ${seen.slice(-3).join('\n')}`)));
  });
}
