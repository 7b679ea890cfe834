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

const ajv = new Ajv2020({ allErrors: true, strictTypes: false, schemas: EVENT_SCHEMAS.map(readSchema) });
addFormats.default(ajv);

export function readSchema(file: string): { $id: string; properties: Record<string, unknown> } {
  return JSON.parse(readFileSync(`docs/schema/${file}`, 'utf8')) as never;
}

/** What the published schemas find wrong with an event. */
export function issuesOf(event: unknown): readonly unknown[] {
  const validate = ajv.getSchema('https://labelcast.io/schema/event.v1.json')!;
  return validate(event) ? [] : validate.errors!;
}
