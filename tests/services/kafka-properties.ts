/** Ports of a proxy and of what is behind it. */
export interface ProxyRoute {
  readonly proxy: number;
  readonly upstream: number;
}

/** Ports of one node. */
export interface NodePorts {
  readonly plain: number;
  readonly secure: number;
  readonly controller: number;
  /** Of the listener that others reach by a proxy, and of that proxy; null: there is none. */
  readonly proxied: ProxyRoute | null;
  /** Of further TLS listeners. */
  readonly tls: Readonly<Record<string, number>>;
}

/** A TLS listener without a login. */
export interface TlsListener {
  /** A file with PEM of key and certificate. */
  readonly keyStore: string;
  /** Clients must show a certificate that one of these signed: a file with PEM; absent: they need none. */
  readonly clientAuthorities?: string;
}

/** Users of the SASL_SSL listener; each may log in with SCRAM-SHA-256, SCRAM-SHA-512 and PLAIN. */
export type Users = Readonly<Record<string, string>>;

/**
 * server.properties of one node of a KRaft cluster: all but the last one are brokers, the last one is the controller. One
 * node alone is both.
 */
export function toProperties(options: {
  readonly node: number;
  readonly nodes: readonly NodePorts[];
  readonly dataDir: string;
  /** PEM of key and certificate; null: no SASL_SSL listener. */
  readonly keyStore: string | null;
  /** By name, in capitals. */
  readonly tls: Readonly<Record<string, TlsListener>>;
  readonly users: Users;
  /** Users other than the super users need an ACL for everything. */
  readonly isAuthorized: boolean;
  readonly extra: Readonly<Record<string, string>>;
}): string {
  const { node, nodes, dataDir, keyStore, tls, users, isAuthorized, extra } = options;
  const ports = nodes[node]!;
  const isController = node === nodes.length - 1;
  const isBroker = !isController || nodes.length === 1;
  const brokers = Math.max(1, nodes.length - 1);
  const replicas = String(brokers);
  const plain = `PLAINTEXT://127.0.0.1:${ports.plain}`;
  const secure = keyStore === null ? '' : `,SASL_SSL://127.0.0.1:${ports.secure}`;
  const further = Object.entries(ports.tls).map(([name, port]) => `,${name}://127.0.0.1:${port}`);
  const toProxied = (port: number | undefined): string =>
    port === undefined ? '' : `,PROXIED://127.0.0.1:${port}`;
  const open = [plain, secure, ...further].join('');
  const protocols = Object.keys(tls).map((name) => `,${name}:SSL`);
  const properties = {
    'process.roles': [...(isBroker ? ['broker'] : []), ...(isController ? ['controller'] : [])].join(','),
    'node.id': String(node + 1),
    'controller.quorum.voters': `${nodes.length}@127.0.0.1:${nodes.at(-1)!.controller}`,
    listeners: [
      ...(isBroker ? [open + toProxied(ports.proxied?.upstream)] : []),
      ...(isController ? [`CONTROLLER://127.0.0.1:${ports.controller}`] : []),
    ].join(','),
    ...(isBroker ? { 'advertised.listeners': open + toProxied(ports.proxied?.proxy) } : {}),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,PROXIED:PLAINTEXT${protocols.join('')}`,
    'log.dirs': dataDir,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': brokers > 1 ? '2' : '1',
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // below half of the time-out, or brokers that are well are shut out again and again
    'broker.heartbeat.interval.ms': '500',
    // nobody takes over from one alone, and when it is started again it waits for its old session to end
    'broker.session.timeout.ms': brokers > 1 ? '6000' : '3000',
    ...(keyStore === null ? {} : toSecurity(keyStore, users)),
    ...Object.fromEntries(Object.entries(tls).flatMap(toTls)),
    ...(isAuthorized
      ? {
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'super.users': 'User:ANONYMOUS;User:admin',
        }
      : {}),
    ...extra,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

function toSecurity(keyStore: string, users: Users): Record<string, string> {
  const plainUsers = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  const module = 'org.apache.kafka.common.security';
  const jaas = 'sasl.jaas.config';
  return {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512,SCRAM-SHA-256,PLAIN',
    [`listener.name.sasl_ssl.scram-sha-512.${jaas}`]: `${module}.scram.ScramLoginModule required;`,
    [`listener.name.sasl_ssl.scram-sha-256.${jaas}`]: `${module}.scram.ScramLoginModule required;`,
    [`listener.name.sasl_ssl.plain.${jaas}`]: `${module}.plain.PlainLoginModule required ${plainUsers.join(' ')};`,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStore,
  };
}

function toTls([name, { keyStore, clientAuthorities }]: [string, TlsListener]): [string, string][] {
  const own = (setting: string): string => `listener.name.${name.toLowerCase()}.ssl.${setting}`;
  const trust = {
    [own('truststore.type')]: 'PEM',
    [own('truststore.location')]: clientAuthorities ?? '',
    [own('client.auth')]: 'required',
  };
  return Object.entries({
    [own('keystore.type')]: 'PEM',
    [own('keystore.location')]: keyStore,
    ...(clientAuthorities === undefined ? {} : trust),
  });
}
