import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { type AsyncAPIDocumentInterface, type MessageInterface, Parser } from '@asyncapi/parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { EVENT_TYPES, toTopics } from '../../src/events.js';
import { toTopicWishes } from '../../src/publish/kafka-cleanup.js';
import { type TopicRecord, toTopicRecords } from '../../src/publish/kafka-records.js';
import { DATA_SCHEMAS } from '../../src/publish/stream-events.js';
import { toRowsOfEachType } from '../event-samples.js';

const FILE = 'docs/asyncapi.yaml';
const NOW_MS = Date.UTC(2026, 0, 5, 10, 0, 0);
const topics = toTopics('{topicPrefix}');

/** The document, and what the parser of AsyncAPI has against it; that 3.1.0 is out is none of it. */
async function parse(text = readFileSync(FILE, 'utf8')) {
  const { document, diagnostics } = await new Parser().parse(text, { source: FILE });
  const against = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version');
  return { document: document!, issues: against.map(({ path, message }) => `${path.join('/')}: ${message}`) };
}

function messagesOf(topic: string): MessageInterface[] {
  const channel = document
    .channels()
    .all()
    .find((one) => one.address() === topic)!;
  return channel.messages().all();
}

function isValid(schema: unknown, value: unknown): boolean {
  // one for each: the resolved schemas have their addresses in common
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  return ajv.validate(schema as object, value);
}

/** Names of the messages of a topic that a record is one of. */
function namesOf({ topic, record }: TopicRecord): string[] {
  const value: unknown = record.value === null ? null : JSON.parse(record.value);
  const fits = messagesOf(topic).filter((message) => {
    const { key } = message.bindings().get('kafka')!.value() as { readonly key: object };
    const areHeaders = isValid(message.headers()?.json() ?? true, record.headers);
    return areHeaders && isValid(key, record.key) && isValid(message.payload()!.json(), value);
  });
  return fits.map((message) => message.name()!);
}

let document: AsyncAPIDocumentInterface;
let issues: readonly string[];

beforeAll(async () => {
  ({ document, issues } = await parse());
});

test('the parser of AsyncAPI has nothing against the document, and sees what is wrong with one', async () => {
  expect(issues).toEqual([]);
  const broken = readFileSync(FILE, 'utf8').replace('action: send', 'action: shout');
  expect((await parse(broken)).issues).toEqual([expect.stringMatching(/^operations\/sendLabels\/action: /)]);
});

test('it has the topics, how they are cleaned up, and every type of event with its schema', () => {
  const channels = document.channels().all();
  const cleanups = channels.map((channel) => {
    const { topicConfiguration } = channel.bindings().get('kafka')!.value() as {
      readonly topicConfiguration: Record<string, readonly string[]>;
    };
    return { name: channel.address(), cleanup: topicConfiguration['cleanup.policy']!.join(',') };
  });
  expect(cleanups).toEqual(toTopicWishes(topics));
  const operations = document.operations().all();
  expect(operations.map((one) => one.channels().all()[0]!.address())).toEqual(Object.values(topics));
  const events = [topics.labels, topics.streams].flatMap((topic) => messagesOf(topic));
  expect(events.map((message) => message.name()!).sort()).toEqual(Object.values(EVENT_TYPES).sort());
  const schemas = events.map((message) => message.payload()!.$id()!);
  expect([...new Set(schemas)].sort()).toEqual(Object.values(DATA_SCHEMAS).sort());
});

test('each record that is written is one of its messages, by headers, key and value', () => {
  const records = toRowsOfEachType(NOW_MS).flatMap((row) => toTopicRecords(row, topics));
  expect(records.map(namesOf)).toEqual(
    records.map(({ topic, record }) =>
      topic === topics.state
        ? [record.value === null ? 'segmentOver' : 'segmentOpen']
        : [record.headers['ce_type']!],
    ),
  );
  const written = records.flatMap(({ record }) => Object.keys(record.headers));
  const { properties } = document.components().schemas().get('cloudEvent')!.json() as { properties: object };
  expect(Object.keys(properties).sort()).toEqual([...new Set(written)].sort());
});
