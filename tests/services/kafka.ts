import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { holdFreePort } from './free-port.js';
import {
  type NodePorts,
  type ProxyRoute,
  type TlsListener,
  toProperties,
  type Users,
} from './kafka-properties.js';

const run = promisify(execFile);
/** Where the jars of a release line lie. */
const LIBS = { '4.4': '.cache/kafka/lib/*', '3.9': '.cache/kafka-3.9/lib/*' };
/** In a batch of records. */
const ATTRIBUTES_AT = 21;
const CLUSTER_ID = 'bGFiZWxjYXN0LXRlc3RzMQ';
const READY_MS = 120_000;
const JVM = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** What differs from one open broker without TLS. */
export interface KafkaOptions {
  readonly version?: keyof typeof LIBS;
  readonly nodes?: number;
  /** Adds a SASL_SSL listener for these users. */
  readonly users?: Users;
  /** Adds TLS listeners, by name in capitals. */
  readonly tls?: Readonly<Record<string, TlsListener>>;
  /** Users of that listener, other than `admin`, may do nothing without an ACL. */
  readonly isAuthorized?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  /** Adds a plaintext listener that is told to clients at the port of a proxy, to be opened by `proxyRoutes`. */
  readonly isProxied?: boolean;
}

/**
 * Starts real KRaft brokers on free ports and resolves when they answer; their jars lie in `.cache`. Several have
 * a controller of their own, so that whatever is done to one of them the others go on.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const { version = '4.4', nodes = 1, users = {}, tls = {}, isAuthorized = false, properties = {} } = options;
  const { isProxied = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'labelcast-kafka-'));
  const isSecure = Object.keys(users).length > 0;
  const keyStore = isSecure ? await makeCertificate(folder) : null;
  const ports = await freePorts(nodes === 1 ? 1 : nodes + 1, { tls: Object.keys(tls), isProxied });
  const processes = ports.map(({ plain }, node) => {
    const home = join(folder, String(node + 1));
    mkdirSync(home);
    const shared = { node, nodes: ports, dataDir: join(home, 'data'), keyStore, tls, users, isAuthorized };
    writeFileSync(join(home, 'server.properties'), toProperties({ ...shared, extra: properties }));
    return new KafkaBroker(home, `127.0.0.1:${plain}`, [...JVM, '-cp', LIBS[version]]);
  });
  const cluster = new KafkaCluster(folder, processes, ports.slice(0, nodes));
  try {
    await Promise.all(processes.map((node) => node.format(users)));
    await Promise.all(processes.map((node) => node.start()));
    await Promise.all(cluster.brokers.map((broker) => broker.ready()));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

/** The brokers of one test, and what is kept of them. */
export class KafkaCluster {
  readonly brokers: readonly KafkaBroker[];
  /** HOST:PORT of the plaintext listeners. */
  readonly bootstrap: string[];
  /** HOST:PORT of the SASL_SSL listeners. */
  readonly secureBootstrap: string[];
  /** HOST:PORT of the further TLS listeners, by name. */
  readonly tlsBootstrap: Readonly<Record<string, string[]>>;
  /** Ports of the proxies that the brokers are to be reached by, too, and what is behind them. */
  readonly proxyRoutes: readonly ProxyRoute[];
  readonly #folder: string;
  readonly #processes: readonly KafkaBroker[];

  /** `processes`: the brokers, and after them whatever else belongs to the cluster; `ports`: those of the brokers. */
  constructor(folder: string, processes: readonly KafkaBroker[], ports: readonly NodePorts[]) {
    this.#folder = folder;
    this.#processes = processes;
    this.brokers = processes.slice(0, ports.length);
    this.bootstrap = ports.map(({ plain }) => `127.0.0.1:${plain}`);
    this.secureBootstrap = ports.map(({ secure }) => `127.0.0.1:${secure}`);
    this.proxyRoutes = ports.flatMap(({ proxied }) => proxied ?? []);
    this.tlsBootstrap = Object.fromEntries(
      Object.keys(ports[0]!.tls).map((name) => [name, ports.map(({ tls }) => `127.0.0.1:${tls[name]}`)]),
    );
  }

  /** PEM of the certificate that the SASL_SSL listeners show. */
  get certificate(): string {
    return readFileSync(join(this.#folder, 'cert.pem'), 'utf8');
  }

  /** Ends all processes and removes their data. */
  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((node) => node.kill('SIGKILL')));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One broker process; started again, it has the same ports and data. */
export class KafkaBroker {
  readonly address: string;
  readonly #home: string;
  readonly #jvm: readonly string[];
  #child: ChildProcess | null = null;

  /** `jvm`: what java is started with. */
  constructor(home: string, address: string, jvm: readonly string[]) {
    this.#home = home;
    this.address = address;
    this.#jvm = jvm;
  }

  async format(users: Users): Promise<void> {
    const scram = Object.entries(users).flatMap(([name, password]) =>
      ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((type) => [
        '-S',
        `${type}=[name=${name},password=${password}]`,
      ]),
    );
    const tool = [
      'kafka.tools.StorageTool',
      'format',
      '-t',
      CLUSTER_ID,
      '-c',
      this.#file('server.properties'),
    ];
    await run('java', [...this.#jvm, ...tool, ...scram]);
  }

  async start(): Promise<void> {
    const log = openSync(this.#file('broker.log'), 'a');
    const child = spawn('java', [...this.#jvm, 'kafka.Kafka', this.#file('server.properties')], {
      stdio: ['ignore', log, log],
    });
    closeSync(log); // the child has its own
    await once(child, 'spawn');
    this.#child = child;
  }

  /** Resolves when the broker answers; throws with the end of its log when it does not. */
  async ready(): Promise<void> {
    for (const end = Date.now() + READY_MS; Date.now() < end; ) {
      if (this.#child?.exitCode !== null) break;
      if (
        await run('kcat', ['-b', this.address, '-L', '-m', '1']).then(
          () => true,
          () => false,
        )
      )
        return;
    }
    const log = readFileSync(this.#file('broker.log'), 'utf8');
    throw new Error(`the broker ${this.address} is not ready:\n${log.slice(-4000)}`);
  }

  /** SIGSTOP and SIGCONT return at once, the others when the process has ended. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const isEnd = signal === 'SIGKILL' || signal === 'SIGTERM';
    const ended = isEnd && child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    child.kill(signal);
    await ended;
    if (isEnd) this.#child = null;
    appendFileSync(this.#file('broker.log'), `--- ${signal}\n`);
  }

  /** How the first batch of each partition that it holds of a topic is compressed, by its number in the protocol. */
  readCodecs(topic: string): number[] {
    const logs = readdirSync(this.#file('data')).filter((name) => name.replace(/-\d+$/, '') === topic);
    return logs.flatMap((log) => {
      const bytes = readFileSync(join(this.#file('data'), log, '00000000000000000000.log'));
      return bytes.length === 0 ? [] : [bytes.readInt16BE(ATTRIBUTES_AT) & 7];
    });
  }

  #file(name: string): string {
    return join(this.#home, name);
  }
}

async function makeCertificate(folder: string): Promise<string> {
  const [key, cert, both] = ['key.pem', 'cert.pem', 'both.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await run('openssl', [...request, ...names, '-keyout', key, '-out', cert]);
  writeFileSync(both, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'));
  return both;
}

/** All are held until the last is found, so that no two are the same. */
async function freePorts(
  nodes: number,
  { tls, isProxied }: { readonly tls: readonly string[]; readonly isProxied: boolean },
): Promise<NodePorts[]> {
  const servers: Server[] = [];
  const next = async (): Promise<number> => {
    const { port, server } = await holdFreePort();
    servers.push(server);
    return port;
  };
  const ports: NodePorts[] = [];
  for (let n = 0; n < nodes; n++) {
    const further: Record<string, number> = {};
    for (const name of tls) further[name] = await next();
    const proxied = isProxied ? { proxy: await next(), upstream: await next() } : null;
    const own = { plain: await next(), secure: await next(), controller: await next() };
    ports.push({ ...own, tls: further, proxied });
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
