import { PublishError } from './errors.js';
import { type Clues, hasAny, type KafkaAttempt, type Kind } from './kafka-error-kind.js';
import { TLS_KINDS } from './kafka-tls-errors.js';

export type { KafkaAttempt };

/** Runs one task at the brokers; its failures come out as PublishError. */
export type Attempt = <T>(task: string, run: () => Promise<T>) => Promise<T>;

const REFUSED = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'];
const SESSION = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
];

/** Why a broker refuses records for themselves, in words; null: it is another kind of failure. */
export function toRefusal(error: unknown): string | null {
  const code = toClues(error).codes.find((known) => REFUSED.includes(known));
  if (code === undefined) return null;
  return code.endsWith('TOO_LARGE') ? 'it is too large' : `${code.toLowerCase().replaceAll('_', ' ')}`;
}

/** Whether a broker no longer knows the session of an idempotent producer, so that only a new one can go on. */
export function isSessionLost(error: unknown): boolean {
  return toClues(error).codes.some((code) => SESSION.includes(code));
}

const FENCED = ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'];

/** Whether a producer of transactions may do no more in its session: another one has its id, or its transaction took too long. */
export function isFenced(error: unknown): boolean {
  return toClues(error).codes.some((code) => FENCED.includes(code));
}

/** Whether kafkajs found nobody who coordinates a group, or a transactional id; it does not say why. */
export function isCoordinatorMissing(error: unknown): boolean {
  return toClues(error).names.includes('KafkaJSGroupCoordinatorNotFound');
}

/** Whether a broker has not heard yet of a topic that was just created, or of who leads it. */
export function isTopicUnknown(error: unknown): boolean {
  const news = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION'];
  return toClues(error).codes.some((code) => news.includes(code));
}

/** Whether a consumer group has no coordinator yet that knows it. */
export function isGroupUnready(error: unknown): boolean {
  const news = ['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP'];
  return toClues(error).codes.some((code) => news.includes(code));
}

const MOVES = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
];

/** What a broker says to the member of a group whose partitions are being handed out anew; null: it says something else. */
export function toGroupMove(error: unknown): object | null {
  return [...causesOf(error)].find((one) => MOVES.includes(String(Reflect.get(one, 'type')))) ?? null;
}

/** Whether a client may not ask for something, or the brokers have no answer to such a question. */
export function isForbidden(error: unknown): boolean {
  const { names, codes } = toClues(error);
  return names.includes('KafkaJSServerDoesNotSupportApiKey') || hasAny(codes, /_AUTHORIZATION_FAILED$/);
}

/** A failure of kafkajs as one line for people with what to do; retryable unless only a person can mend it. */
export function toKafkaError(error: unknown, attempt: KafkaAttempt): PublishError {
  if (error instanceof PublishError) return error;
  const clues = toClues(error);
  const kind = KINDS.find(({ fits }) => fits(clues)) ?? OTHER;
  const where = `Kafka at ${clues.broker ?? attempt.brokers.join(',')}`;
  const said = kind.say(where, clues, attempt);
  const message = kind.isOfAnyTask ? said : `cannot ${attempt.task}: ${said}`;
  const isLasting = kind === TOO_LONG || kind === UNUSABLE || kind === UNREADABLE;
  const isPassing = (attempt.hasWorked && !isLasting) || (attempt.hasTopics && kind === UNKNOWN_TOPIC);
  const retryable = !kind.isForPeople || isPassing;
  const isOfNamed = attempt.group !== undefined && kind.remedy.startsWith(GRANT_GROUPS);
  const remedy = isOfNamed ? `grant READ on the group ${attempt.group}` : kind.remedy;
  return new PublishError(message, { remedy, retryable, cause: error });
}

const GRANT_GROUPS = 'grant READ on the groups that begin with labelcast-';

const UNKNOWN_TOPIC: Kind = {
  isForPeople: true,
  fits: ({ codes }) => codes.includes('UNKNOWN_TOPIC_OR_PARTITION'),
  say: (where) => `${where} does not have the topic`,
  remedy: 'create it, or check topicPrefix',
};

const TOO_LONG: Kind = {
  isForPeople: true,
  fits: ({ codes }) => codes.includes('INVALID_TRANSACTION_TIMEOUT'),
  say: (where) => `${where} takes no transactions as long as those of labelcast`,
  remedy: 'raise transaction.max.timeout.ms of the brokers to 20000 or more, or leave out exactlyOnce',
};

const UNUSABLE: Kind = {
  isForPeople: true,
  fits: ({ codes }) =>
    hasAny(codes, /^(?:INVALID_(?!RECORD|PRODUCER|TXN)|POLICY_VIOLATION|UNSUPPORTED_(?!SASL))/),
  say: (where, { codes }) => `${where} refuses the settings (${codes[0]})`,
  remedy: 'check topicPrefix, partitions and replicationFactor against what the brokers allow',
};

/** What Kafka names them; kafkajs has the names in its messages. */
const CODEC = /^(snappy|lz4|zstd) compression not implemented$/i;

const UNREADABLE: Kind = {
  isForPeople: true,
  fits: ({ text }) => CODEC.test(text),
  say: (where, { text }) => `${where} has records compressed with ${CODEC.exec(text)![1]!.toLowerCase()}`,
  remedy:
    'set compression.type of the topic to producer, gzip or lz4, and see what else writes to it; zstd is read by Node.js 22.15 and newer',
};

const OTHER: Kind = {
  isForPeople: false,
  fits: () => true,
  say: (where, { codes, text }) => `${where} failed (${codes[0] ?? text})`,
  remedy: 'see the log of the broker if it goes on',
};

const KINDS: readonly Kind[] = [
  ...TLS_KINDS,
  {
    isForPeople: true,
    fits: ({ names, codes }) => names.includes('KafkaJSSASLAuthenticationError') || hasAny(codes, /SASL/),
    say: (where, _clues, { user }) => `${where} refuses the login of ${user ?? 'a client without sasl'}`,
    remedy: 'check mechanism, username and password under sasl of the sink',
  },
  {
    isForPeople: true,
    fits: ({ codes }) => codes.includes('GROUP_AUTHORIZATION_FAILED'),
    say: (where, _clues, { user }) => `${where} gives no consumer group to ${user ?? 'this client'}`,
    remedy: GRANT_GROUPS,
  },
  {
    isForPeople: true,
    fits: ({ codes }) => codes.includes('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'),
    say: (where, _clues, { user }) => `${where} gives no transactions to ${user ?? 'this client'}`,
    remedy: 'grant DESCRIBE and WRITE on the transactional ids that begin with labelcast-',
  },
  {
    isForPeople: true,
    fits: ({ codes }) => hasAny(codes, /_AUTHORIZATION_FAILED$/),
    say: (where, _clues, { user }) => `${where} does not allow it to ${user ?? 'this client'}`,
    remedy: 'grant what docs/kafka.md lists',
  },
  {
    // what kafkajs makes of every answer about a group, a refusal or "not yet"
    isForPeople: false,
    fits: ({ names }) => names.includes('KafkaJSGroupCoordinatorNotFound'),
    say: (where, _clues, { user }) => `${where} gives no consumer group to ${user ?? 'this client'}`,
    remedy: `${GRANT_GROUPS}; a new cluster may need a moment`,
  },
  UNKNOWN_TOPIC,
  {
    // a clock that is ahead is caught up with by time, and a limit of the topic can be raised
    isForPeople: false,
    fits: ({ codes }) => codes.includes('INVALID_TIMESTAMP'),
    say: (where) =>
      `${where} takes no records of that time: the clocks differ, or they are too old for the topic`,
    remedy:
      'set the clocks of this host and of the brokers (NTP), or raise message.timestamp.after.max.ms or .before.max.ms of the topic',
  },
  TOO_LONG,
  UNUSABLE,
  UNREADABLE,
  {
    isForPeople: false,
    isOfAnyTask: true,
    fits: ({ codes }) => hasAny(codes, /^(?:ENOTFOUND|EAI_AGAIN)$/),
    say: (where, { codes }) => `${where} cannot be reached: its name is not known (${codes[0]})`,
    remedy: 'check the name of the host, and the DNS of this machine',
  },
  {
    isForPeople: false,
    isOfAnyTask: true,
    fits: ({ codes }) => hasAny(codes, /^(?:EHOSTUNREACH|ENETUNREACH)$/),
    say: (where, { codes }) => `${where} cannot be reached: no network leads there (${codes[0]})`,
    remedy: 'check the address and the network',
  },
  {
    isForPeople: false,
    isOfAnyTask: true,
    fits: ({ codes }) => hasAny(codes, /^ECONNREFUSED$/),
    say: (where, { codes }) => `${where} cannot be reached: nothing listens there (${codes[0]})`,
    remedy: 'check the port, and that the broker runs',
  },
  {
    isForPeople: false,
    isOfAnyTask: true,
    fits: ({ names, text }) =>
      names.includes('KafkaJSRequestTimeoutError') || /timeout|timed out|not connected/i.test(text),
    say: (where) => `${where} does not answer in time`,
    remedy: 'see whether the broker hangs, or the network loses what is sent',
  },
  {
    isForPeople: false,
    isOfAnyTask: true,
    fits: ({ names, codes }) =>
      names.includes('KafkaJSConnectionClosedError') || hasAny(codes, /^(?:ECONNRESET|EPIPE)$/),
    say: (where) => `${where} closed the connection`,
    remedy: 'see whether the broker restarts, and whether its port wants TLS or a login',
  },
];

/** Follows causes, and the first of several errors. */
function toClues(error: unknown): Clues {
  const chain = [...causesOf(error)];
  const texts = (key: string): string[] =>
    chain.map((one) => Reflect.get(one, key) as unknown).filter((value) => typeof value === 'string');
  const broker = texts('broker').find((name) => /^[^:].*:\d+$/.test(name) && !name.includes('undefined'));
  return {
    names: texts('name'),
    codes: [...texts('type'), ...texts('code')],
    text: texts('message').at(-1) ?? String(error),
    broker: broker ?? null,
  };
}

function* causesOf(error: unknown): Generator<object> {
  for (let one = error, depth = 0; typeof one === 'object' && one !== null && depth < 8; depth++) {
    yield one;
    const several: unknown = Reflect.get(one, 'errors');
    one = Array.isArray(several) ? several[0] : Reflect.get(one, 'cause');
  }
}
