import { type KafkaConfig, type SinkConfig, toSinkName } from '../../config/config.js';
import { warnOfPlainPassword } from '../../config/plain-password.js';
import { PublishError } from '../../errors.js';
import { toTopics } from '../../events.js';
import { createKafkaClient, type KafkaClient } from '../../kafka-client.js';
import { toTopicWishes } from '../../publish/kafka-cleanup.js';
import { type Finding, ok, toFailure, warn } from './finding.js';
import { judgeTopics } from './kafka-topics.js';
import { within } from './within.js';

/** Longer than the client itself waits for a broker that hangs, over TLS. */
const LIMIT_MS = 20_000;
const ADVERTISE = 'set advertised.listeners of the brokers to names that this machine knows and can reach';

interface Sink {
  readonly name: string;
  readonly config: KafkaConfig;
  /** Live streams are watched, so what the topics hold of them is read too. */
  readonly isLive: boolean;
}

/** The brokers of a sink, those that they lead to, its topics, and what this client may do there; nothing is written. */
export async function checkKafka(sink: SinkConfig, isLive: boolean): Promise<Finding[]> {
  const config = sink.kafka!; // asked of such sinks alone
  const one = { name: toSinkName(sink), config, isLive };
  const plain = warnOfPlainPassword(config);
  const [said, remedy = ''] = plain?.split(': ') ?? [];
  const warnings = said === undefined ? [] : [warn('sink', `${one.name}: ${said}`, remedy)];
  const looks = await Promise.all(config.brokers.map((broker) => lookAtBroker(one, broker)));
  const isReached = looks.some(({ known }) => known !== null);
  const others = new Set(
    looks.flatMap(({ known }) => known ?? []).filter((one) => !config.brokers.includes(one)),
  );
  const [led, topics] = await Promise.all([
    Promise.all([...others].map((broker) => lookAtBroker(one, broker))),
    isReached ? checkTopics(one) : [],
  ]);
  const bootstrap = looks.map(({ finding }) => (isReached ? soften(finding) : finding));
  return [...warnings, ...bootstrap, ...led.map(({ finding }) => toLed(finding)), ...topics];
}

interface Look {
  readonly finding: Finding;
  /** HOST:PORT of all brokers, as they name themselves; null: this one could not be asked. */
  readonly known: readonly string[] | null;
}

async function lookAtBroker({ name, config }: Sink, broker: string): Promise<Look> {
  try {
    const client = createKafkaClient({ ...config, brokers: [broker] });
    const known = await within(LIMIT_MS, client, () => client.listBrokers());
    const [login, tls] = [config.sasl, config.ssl !== false];
    const how = `${tls ? ', over TLS' : ''}${login === null ? '' : `, and takes the login of ${login.username}`}`;
    const many = known.length === 1 ? 'it is the only broker' : `one of ${known.length} brokers`;
    return { known, finding: ok('sink', `${name}: ${broker} answers${how}; ${many}`) };
  } catch (error) {
    const finding = explainClosed(toFailure('sink', error, name), config.ssl !== false);
    if (!(error instanceof PublishError) || error.message.includes(broker)) return { known: null, finding };
    const text = `${finding.text}; ${broker} gives out that address`;
    return { known: null, finding: { ...finding, text, remedy: ADVERTISE } };
  }
}

/** A broker that is spoken to in TLS on a port without it, or the other way round, just hangs up. */
function explainClosed(finding: Finding, isTls: boolean): Finding {
  if (!finding.text.endsWith('closed the connection')) return finding;
  const remedy = isTls
    ? 'the port may be one without TLS: leave out ssl, or name the TLS port; else see whether the broker restarts'
    : 'the port may want TLS (set ssl) or a login (set sasl); else see whether the broker restarts';
  return { ...finding, remedy };
}

/** What concerns an address that a broker gives out, and not one of the config. */
function toLed(finding: Finding): Finding {
  if (finding.status === 'ok') return finding;
  const text = `${finding.text} (an address that the brokers give out)`;
  const remedy = 'set advertised.listeners of the brokers to names that this machine knows and reaches';
  return { ...finding, status: 'fail', text, remedy };
}

/** One of several bootstrap brokers that is away keeps nobody from delivering. */
function soften(finding: Finding): Finding {
  if (finding.status !== 'fail') return finding;
  return { ...finding, status: 'warn', text: `${finding.text}; other brokers answer` };
}

async function checkTopics({ name, config, isLive }: Sink): Promise<Finding[]> {
  const wishes = toTopicWishes(toTopics(config.topicPrefix));
  const toNamed = (finding: Finding): Finding => ({ ...finding, text: `${name}: ${finding.text}` });
  try {
    const client = createKafkaClient(config);
    return await within(LIMIT_MS, client, async () => {
      const review = await client.reviewTopics(wishes);
      const user = config.sasl?.username ?? 'this client';
      const { brokers, partitions = null } = config;
      const { labels, state, streams } = toTopics(config.topicPrefix);
      const read = [...(isLive ? [state] : []), ...(config.exactlyOnce ? [labels, streams] : [])];
      const findings = judgeTopics(review, { wishes, broker: brokers[0]!, partitions, user, read });
      const groups = read.length > 0 ? await refusalOf(client.checkGroups()) : [];
      const producer = config.exactlyOnce
        ? await refusalOf(client.checkTransactions())
        : await checkProducer(client, findings);
      return [...findings, ...producer, ...groups].map(toNamed);
    });
  } catch (error) {
    return [toFailure('sink', error, name)];
  }
}

/** A session that could write is begun, unless rights are known to lack already. */
async function checkProducer(client: KafkaClient, known: readonly Finding[]): Promise<Finding[]> {
  if (known.some(({ status }) => status === 'fail')) return [];
  await using producer = client.createProducer();
  return refusalOf(producer.connect());
}

async function refusalOf(attempted: Promise<void>): Promise<Finding[]> {
  return attempted.then(
    () => [],
    (error: unknown) => [toFailure('sink', error)],
  );
}
