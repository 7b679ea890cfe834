import { z } from 'zod';
import { toHint } from './did-you-mean.js';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** What a value should be, in the words of a person who writes YAML; undefined: zod's own words. */
export function toWords(issue: RawIssue): string | undefined {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? `is missing: write ${toKind(issue.expected)}` : toMismatch(issue);
  if (issue.code === 'too_small')
    return toBound(issue.origin, issue.inclusive ? 'at least' : 'above', issue.minimum);
  if (issue.code === 'too_big')
    return toBound(issue.origin, issue.inclusive ? 'at most' : 'below', issue.maximum);
  if (issue.code === 'invalid_value') {
    const lacking = issue.input === undefined ? 'is missing: ' : '';
    return `${lacking}write ${issue.values
      .map(String)
      .join(', ')
      .replace(/, ([^,]+)$/, ' or $1')}`;
  }
  return issue.code === 'invalid_key' ? 'has a name that is empty or too long' : undefined;
}

function toMismatch({ expected, input }: { readonly expected: string; readonly input?: unknown }): string {
  if (expected === 'int' && typeof input === 'number') return 'write a whole number';
  return `write ${toKind(expected)}, not ${toKind(kindOf(input))}`;
}

function kindOf(input: unknown): string {
  if (input === null) return 'null';
  return Array.isArray(input) ? 'array' : typeof input;
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};

function toKind(type: string): string {
  return KINDS[type] ?? type;
}

function toBound(origin: string, relation: string, bound: number | bigint): string {
  if (origin === 'string')
    return bound === 1 && relation === 'at least' ? 'is empty' : `write ${relation} ${bound} characters`;
  return origin === 'array' ? `name ${relation} ${bound}` : `must be ${relation} ${bound}`;
}

/**
 * One problem as lines with their paths. `schema`: of the whole, whose keys are proposed for unknown ones; `fromEnvironment`: path →
 * variable of the values that came from there.
 */
export function toLines(
  issue: Issue,
  schema: z.ZodType,
  fromEnvironment: ReadonlyMap<string, string> = new Map(),
): string[] {
  if (issue.code === 'unrecognized_keys') {
    const keys = keysAt(issue.path, schema);
    return issue.keys.map((key) => `${toPath([...issue.path, key])}: unknown key${hint(key, keys)}`);
  }
  if (issue.code === 'invalid_union') {
    // the form that was begun is the one with problems further down
    const begun = issue.errors.find((form) =>
      form.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
    );
    if (begun !== undefined)
      return begun.flatMap((one) =>
        toLines({ ...one, path: [...issue.path, ...one.path] }, schema, fromEnvironment),
      );
  }
  const key = toPath(issue.path);
  const variable = fromEnvironment.get(key) ?? fromEnvironment.get(toPath(issue.path.slice(0, -1))); // of its list
  return [`${variable ?? (key || '(top level)')}: ${issue.message}`];
}

function toPath(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

/** Dotted names are for people; in the file they are nested. */
function hint(key: string, known: readonly string[]): string {
  const [group, field] = key.split('.');
  return field === undefined ? toHint(key, known) : `; nest it: ${group}: { ${field}: … }`;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
}

/** The keys that a schema has at a path. */
function keysAt(path: readonly PropertyKey[], schema: z.ZodType): string[] {
  let places: readonly JsonSchema[] = [z.toJSONSchema(schema, { io: 'input' }) as JsonSchema];
  const forms = ({ anyOf, ...one }: JsonSchema): JsonSchema[] => [one, ...(anyOf ?? []).flatMap(forms)];
  for (const step of path) {
    places = places.flatMap(forms).flatMap(({ properties, items, additionalProperties }) => {
      const next = typeof step === 'number' ? items : (properties?.[String(step)] ?? additionalProperties);
      return typeof next === 'object' ? [next] : [];
    });
  }
  return places.flatMap(forms).flatMap(({ properties }) => Object.keys(properties ?? {}));
}
