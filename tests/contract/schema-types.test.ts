import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { readSchema } from '../event-schema.js';

type Schema = ReturnType<typeof readSchema> & { readonly oneOf?: unknown; readonly title?: string };

/** The type that is written by hand, by the file name of its schema. */
const TYPES: Readonly<Record<string, string>> = {
  'label-event.v1.json': 'LabelEventData',
  'completed-event.v1.json': 'CompletedEventData',
  'lost-event.v1.json': 'LostEventData',
  'stream-event.v1.json': 'StreamStateEventData',
  'state-record.v1.json': 'StateRecord',
  // which data belong to which type is the business of the other schemas
  'event.v1.json': 'Envelope',
};

/** The same fields, optional or not, of the same types; `readonly`, which no schema knows, aside. */
const PROOF = `
type Plain<T> = T extends object ? { readonly [K in keyof T]: Plain<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type Envelope = Omit<events.CloudEvent<object>, 'data'> & { readonly data: {} };
function prove<Holds extends true>(): Holds | void {}
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(process.cwd(), 'dist', 'schema-types-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the compiler finds where the types of src/events.ts are not those of the schemas. */
async function differences(change: (schema: Schema) => Schema = (schema) => schema): Promise<string> {
  const made = await Promise.all(
    Object.keys(TYPES).map(async (file) => {
      // the generator takes names from address and title first
      const { oneOf: _oneOf, $id: _id, title: _title, ...schema } = change(readSchema(file));
      const options = { additionalProperties: false, bannerComment: '', format: false };
      return await compile(schema as JSONSchema, toName(file), options);
    }),
  );
  const proofs = Object.entries(TYPES).map(([file, type]) => {
    const byHand = type === 'Envelope' ? type : `events.${type}`;
    return `prove<Same<Plain<${toName(file)}>, Plain<${byHand}>>>(); // ${file}`;
  });
  const source = join(folder, 'proof.ts');
  const imported = `import type * as events from '../../src/events.js';`;
  writeFileSync(source, [imported, PROOF, ...made, ...proofs, ''].join('\n'));
  const flags = ['--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2024'];
  const tsc = ['node_modules/typescript/bin/tsc', '--noEmit', '--skipLibCheck', '--ignoreConfig'];
  const { stdout, stderr } = spawnSync(process.execPath, [...tsc, ...flags, source], { encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

function toName(file: string): string {
  const words = file.replace('.v1.json', '').split('-');
  return `Made${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}`;
}

test('the types of the package are those of the schemas, and the schemas those of the types', async () => {
  expect(await differences()).toBe('');
});

test.each<[string, (schema: Schema) => Schema]>([
  ['a field that the types lack', toChanged((fields) => ({ ...fields, colour: { type: 'string' } }))],
  ['a field that the schemas lack', toChanged(({ streamId: _streamId, ...fields }) => fields)],
  ['a word more', toChanged((fields) => ({ ...fields, kind: { enum: ['live', 'file', 'radio'] } }))],
  ['a field that may be left out', (schema) => ({ ...schema, required: [] })],
])('%s shows', async (_, change) => {
  const found = await differences((schema) => (schema.title === 'Completed event' ? change(schema) : schema));
  expect(found.match(/error TS2344/g)).toHaveLength(1);
});

function toChanged(change: (fields: Schema['properties']) => Schema['properties']) {
  return (schema: Schema): Schema => ({ ...schema, properties: change(schema.properties) });
}
