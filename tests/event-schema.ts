import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The published schemas of events, by file name in docs/schema. */
export const EVENT_SCHEMAS = [
  'completed-event.v1.json',
  'event.v1.json',
  'label-event.v1.json',
  'lost-event.v1.json',
  'stream-event.v1.json',
];

const STATE_SCHEMA = 'state-record.v1.json';

const schemas = [...EVENT_SCHEMAS, STATE_SCHEMA].map(readSchema);
const ajv = new Ajv2020({ allErrors: true, strictTypes: false, schemas });
addFormats.default(ajv);

export function readSchema(file: string): { $id: string; properties: Record<string, unknown> } {
  return JSON.parse(readFileSync(`docs/schema/${file}`, 'utf8')) as never;
}

/** What the published schemas find wrong with an event. */
export function issuesOf(event: unknown): readonly unknown[] {
  return issuesBy('event.v1.json', event);
}

/** What the published schema finds wrong with the value of a record of the topic `state`. */
export function stateIssuesOf(value: unknown): readonly unknown[] {
  return issuesBy(STATE_SCHEMA, value);
}

function issuesBy(file: string, value: unknown): readonly unknown[] {
  const validate = ajv.getSchema(`https://labelcast.io/schema/${file}`)!;
  return validate(value) ? [] : validate.errors!;
}
