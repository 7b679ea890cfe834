import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort } from './free-port.js';
import type { ProxyRoute } from './kafka-properties.js';
import { answerOf } from '../answer.js';
import { until } from '../until.js';

const PROGRAM = '.cache/toxiproxy/server';

/** What is done to what goes through a proxy, as toxiproxy calls it; `upstream`: from the client to the server. */
export interface Toxic {
  readonly type: 'timeout' | 'latency' | 'reset_peer';
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

/** Starts a real toxiproxy with a proxy for each route; resolves when all of them listen. */
export async function openToxiproxy(routes: readonly ProxyRoute[]): Promise<Toxiproxy> {
  const port = await findFreePort();
  const child = spawn(PROGRAM, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' });
  const toxiproxy = new Toxiproxy(child, `http://127.0.0.1:${port}`);
  try {
    await once(child, 'spawn');
    await until('toxiproxy answers', () =>
      toxiproxy.call('GET', '/version').then(
        () => true,
        () => false,
      ),
    );
    for (const { proxy, upstream } of routes) await toxiproxy.route(proxy, upstream);
    return toxiproxy;
  } catch (error) {
    await toxiproxy[Symbol.asyncDispose]();
    throw error;
  }
}

/** Proxies whose connections can be slowed, silenced and reset, all in the same way. */
export class Toxiproxy implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #api: string;
  readonly #names: string[] = [];

  constructor(child: ChildProcess, api: string) {
    this.#child = child;
    this.#api = api;
  }

  async route(port: number, upstream: number): Promise<void> {
    const name = `broker-${port}`;
    const proxy = { name, listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${upstream}`, enabled: true };
    await this.call('POST', '/proxies', proxy);
    this.#names.push(name);
  }

  /** On connections that are there and on those that come, until `clear`. */
  async add(toxic: Toxic): Promise<void> {
    for (const name of this.#names)
      await this.call('POST', `/proxies/${name}/toxics`, { ...toxic, toxicity: 1 });
  }

  async clear(): Promise<void> {
    await this.call('POST', '/reset');
  }

  /** Throws with what toxiproxy says when it refuses. */
  async call(method: 'GET' | 'POST', path: string, body?: object): Promise<void> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await answerOf(this.#api + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy refuses ${method} ${path}: ${response.status} ${text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
      return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
