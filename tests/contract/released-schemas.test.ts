import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type Direction, findBreaches, type Schema } from '../schema-changes.js';

/** As they were released: what others have read and written since then holds to them. */
const RELEASED = 'tests/fixtures/released-schemas';
const CURRENT = 'docs/schema';
/** Of these labelcast is the reader. */
const READ = ['labelcast-config.v1.json', 'manifest.schema.json', 'truth.v1.json'];

function read(folder: string, file: string): Schema {
  return JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Schema;
}

test.each(readdirSync(RELEASED))('%s keeps what it promised when it was released', (file) => {
  const direction: Direction = READ.includes(file) ? 'read' : 'written';
  expect(findBreaches(read(RELEASED, file), read(CURRENT, file), direction)).toEqual([]);
});

test('every schema is kept as it was released', () => {
  expect(readdirSync(RELEASED).sort()).toEqual(readdirSync(CURRENT).sort());
});

const BEFORE = {
  $id: 'https://labelcast.io/schema/x.v1.json',
  type: 'object',
  required: ['kind'],
  properties: {
    kind: { enum: ['live', 'file'], description: 'Old.' },
    endMs: { type: ['integer', 'null'], minimum: 0 },
    tags: { type: 'object', maxProperties: 16, additionalProperties: { type: 'string' } },
    epoch: { type: 'string', format: 'uuid', pattern: '^[0-9a-f-]+$' },
    list: { type: 'array', items: { type: 'string' }, minItems: 1 },
    state: { const: 'completed' },
    cause: { oneOf: [{ type: 'string' }, { type: 'null' }] },
    inner: { $ref: '#/$defs/inner' },
  },
  $defs: { inner: { type: 'object', properties: { a: true } } },
  if: { properties: { kind: { const: 'live' } } },
} as const;

type Parts = typeof BEFORE;

function withFields(fields: object): object {
  return { ...BEFORE, properties: { ...BEFORE.properties, ...fields } };
}

const { kind, endMs, tags, epoch, list } = BEFORE.properties;
const { properties: fields, required: _required, ...rest }: Parts = BEFORE;
const { kind: _kind, ...withoutKind } = fields;

test.each<[string, object]>([
  ['nothing', BEFORE],
  ['a field more', withFields({ colour: { type: 'string' } })],
  ['a word more', withFields({ kind: { enum: ['live', 'file', 'radio'] } })],
  ['a word where there was one', withFields({ state: { enum: ['completed', 'done'] } })],
  ['another description', withFields({ kind: { ...kind, description: 'New.' } })],
  ['a wider bound', withFields({ endMs: { ...endMs, minimum: -1 }, tags: { ...tags, maxProperties: 32 } })],
  ['a bound less', withFields({ list: { type: 'array', items: { type: 'string' } } })],
  ['a choice more', withFields({ cause: { oneOf: [...fields.cause.oneOf, { type: 'number' }] } })],
])('%s breaks nobody', (_, after) => {
  for (const direction of ['written', 'read'] as const)
    expect(findBreaches(BEFORE, after as Schema, direction)).toEqual([]);
});

test.each<[string, object, string]>([
  [
    'a field that must be there',
    { ...BEFORE, required: ['kind', 'endMs'] },
    '/required: endMs must be there now',
  ],
  ['a field less', { ...rest, required: ['kind'], properties: withoutKind }, '/properties: kind is gone'],
  ['a word less', withFields({ kind: { enum: ['live'] } }), '/properties/kind/enum: "file" is gone'],
  [
    'words where any were taken',
    withFields({ epoch: { ...epoch, enum: ['a'] } }),
    '/properties/epoch/enum: only "a" now',
  ],
  ['another word', withFields({ state: { const: 'done' } }), '/properties/state/const: "completed" is gone'],
  [
    'a type less',
    withFields({ endMs: { type: 'integer', minimum: 0 } }),
    '/properties/endMs/type: null is gone',
  ],
  [
    'a type where any was taken',
    { ...BEFORE, $defs: { inner: { ...BEFORE.$defs.inner, properties: { a: { type: 'string' } } } } },
    '/$defs/inner/properties/a: was true, is {"type":"string"}',
  ],
  [
    'no other fields',
    { ...BEFORE, additionalProperties: false },
    '/additionalProperties: was true, is false',
  ],
  [
    'narrower other fields',
    withFields({ tags: { ...tags, additionalProperties: { type: 'string', maxLength: 9 } } }),
    '/properties/tags/additionalProperties/maxLength: was open, is 9',
  ],
  [
    'narrower items',
    withFields({ list: { ...list, items: { type: 'string', minLength: 1 } } }),
    '/properties/list/items/minLength: was open, is 1',
  ],
  [
    'a narrower bound',
    withFields({ endMs: { ...endMs, minimum: 1 } }),
    '/properties/endMs/minimum: was 0, is 1',
  ],
  [
    'another pattern',
    withFields({ epoch: { ...epoch, pattern: '^[0-9]+$' } }),
    '/properties/epoch/pattern: was "^[0-9a-f-]+$", is "^[0-9]+$"',
  ],
  [
    'a choice less',
    withFields({ cause: { oneOf: [{ type: 'string' }] } }),
    '/properties/cause/oneOf/1: is gone',
  ],
  ['choices where there were none', { ...BEFORE, anyOf: [{ type: 'object' }] }, '/anyOf: is new'],
  [
    'another part',
    withFields({ inner: { $ref: '#/$defs/other' } }),
    '/properties/inner/$ref: was "#/$defs/inner", is "#/$defs/other"',
  ],
  [
    'another condition',
    { ...BEFORE, if: true },
    '/if: was {"properties":{"kind":{"const":"live"}}}, is true',
  ],
  ['another address', { ...BEFORE, $id: 'x' }, '/$id: was "https://labelcast.io/schema/x.v1.json", is "x"'],
  [
    'a keyword that is not known',
    { ...BEFORE, unevaluatedProperties: false },
    '/unevaluatedProperties: was absent, is false',
  ],
])('%s breaks writers and readers', (_, after, breach) => {
  for (const direction of ['written', 'read'] as const)
    expect(findBreaches(BEFORE, after as Schema, direction)).toEqual([breach]);
});

test.each<[string, object, string]>([
  ['a field that may be missing', { ...BEFORE, required: [] }, '/required: kind may be missing now'],
  [
    'a type more',
    withFields({ list: { ...list, type: ['array', 'null'] } }),
    '/properties/list/type: may be null now',
  ],
  [
    'any type',
    withFields({ epoch: { format: 'uuid', pattern: epoch.pattern } }),
    '/properties/epoch/type: may be of any type',
  ],
])('%s breaks who reads it, not who writes it', (_, after, breach) => {
  expect(findBreaches(BEFORE, after as Schema, 'written')).toEqual([breach]);
  expect(findBreaches(BEFORE, after as Schema, 'read')).toEqual([]);
});
