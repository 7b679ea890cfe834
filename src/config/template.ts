import { type JsonSchema, toConfigJsonSchema } from './json-schema.js';
import { toYamlLine } from './yaml.js';

/**
 * A labelcast.yaml that explains every key and sets none. `schemaPlace`: where an editor finds the JSON Schema, without
 * blanks: a URL, an absolute path or one relative to the file; null: nowhere.
 */
export function toConfigTemplate(schemaPlace: string | null): string {
  const sections = Object.entries(toConfigJsonSchema().properties!); // it is an object
  const lines = [
    ...(schemaPlace === null ? [] : [`# yaml-language-server: $schema=${schemaPlace}`]),
    ...HEADER,
    ...sections.flatMap(([key, section]) => ['', ...toSection(key, section)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const HEADER = [
  '# Configuration of labelcast. Every key is here, behind a # with no blank after it, with its default or, where',
  '# there is none, with an example. Take the # away to set a key. ${NAME} is replaced by an environment variable,',
  '# ${file:/run/secrets/x} by a file. Check it with: labelcast serve -c labelcast.yaml --check',
];

function toSection(key: string, section: JsonSchema): string[] {
  if (section.items !== undefined) {
    const items = toForms(section.items).flatMap((form) => toItem(form));
    return [...toComment(section), `${key}:`, ...items.map((line) => `  #${line}`)];
  }
  if (section.properties === undefined) return toKey(key, section, false);
  return [...toComment(section), `${key}:`, ...indent(toKeys(section))];
}

/** An item that can be of several forms, each form by itself; its name is by default that of its form. */
function toForms({ oneOf, ...item }: JsonSchema): JsonSchema[] {
  if (oneOf === undefined) return [item];
  const chosen = oneOf.flatMap(({ required }) => required ?? []);
  return chosen.map((key) => {
    const others = chosen.filter((one) => one !== key);
    const kept = Object.entries(item.properties ?? {}).filter(([name]) => !others.includes(name));
    const form = Object.fromEntries(kept);
    return { ...item, properties: { ...form, name: { ...form['name'], default: key } } };
  });
}

function toItem(item: JsonSchema): string[] {
  const [first, ...rest] = toKeys(item);
  return [`- ${first}`, ...indent(rest)];
}

function toKeys({ properties, required }: JsonSchema): string[] {
  return Object.entries(properties ?? {}).flatMap(([key, one]) =>
    one.properties === undefined
      ? toKey(key, one, required?.includes(key) === true)
      : [...toComment(one), `${key}:`, ...indent(toKeys(one))],
  );
}

function toKey(key: string, schema: JsonSchema, isSet: boolean): string[] {
  const preset = isEmpty(schema.default) ? schema.examples?.[0] : schema.default;
  return [...toComment(schema), `${isSet ? '' : '#'}${key}: ${toYamlLine(preset)}`];
}

/** A default that shows nothing of the form of a value. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

function toComment(schema: JsonSchema): string[] {
  const range = toRange(schema);
  const text = schema.description?.replace(/\.$/, '') ?? '';
  return [`# ${text}${range === '' ? '' : ` (${range})`}.`];
}

function toRange(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const choices = schema.anyOf?.find((one) => one.enum !== undefined)?.enum;
  if (choices !== undefined) return choices.join(', ').replace(/, ([^,]+)$/, ' or $1');
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  return [
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ].join(', ');
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
