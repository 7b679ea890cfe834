/** A JSON Schema, or a part of one. */
export type Schema = boolean | { readonly [keyword: string]: unknown };

/** `written`: by labelcast, read by others, who rely on what it promises. `read`: by labelcast, written by others. */
export type Direction = 'written' | 'read';

/** Say nothing about what is valid. */
const NOTES = new Set(['$schema', 'title', 'description', 'default', 'examples', '$comment', 'deprecated']);
const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

/**
 * What of a changed schema breaks those who rely on the old one, a line each: old values must stay valid, and with `written`
 * a field that was always there, of one of these types, must stay so. New fields and new words are no breach. Where it cannot
 * tell (patterns, conditions, keywords it does not know), any change is one.
 */
export function findBreaches(before: Schema, after: Schema, direction: Direction, at = ''): string[] {
  if (typeof before === 'boolean' || typeof after === 'boolean')
    return before === after || after === true ? [] : [`${at}: was ${toText(before)}, is ${toText(after)}`];
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keywords].flatMap((keyword) => {
    if (NOTES.has(keyword) || (keyword === 'const' && 'enum' in before)) return [];
    const compare = COMPARISONS[keyword] ?? compareAsIs;
    const place = `${at}/${keyword}`;
    return compare({ before, after, keyword, direction, place });
  });
}

interface Change {
  readonly before: Exclude<Schema, boolean>;
  readonly after: Exclude<Schema, boolean>;
  readonly keyword: string;
  readonly direction: Direction;
  readonly place: string;
}

const COMPARISONS: Readonly<Record<string, (change: Change) => string[]>> = {
  type: compareTypes,
  enum: compareWords,
  const: compareWords,
  required: compareRequired,
  properties: compareFields,
  $defs: compareFields,
  additionalProperties: comparePart,
  items: comparePart,
  oneOf: compareChoices,
  anyOf: compareChoices,
  ...Object.fromEntries(
    LOWER_BOUNDS.map((keyword) => [keyword, (change: Change) => compareBound(change, 1)]),
  ),
  ...Object.fromEntries(
    UPPER_BOUNDS.map((keyword) => [keyword, (change: Change) => compareBound(change, -1)]),
  ),
};

function compareTypes({ before, after, direction, place }: Change): string[] {
  const [old, now] = [toTypes(before), toTypes(after)];
  if (now === null) return direction === 'read' || old === null ? [] : [`${place}: may be of any type`];
  if (old === null) return [`${place}: only ${now.join(', ')} now`];
  const gone = old.filter((type) => !now.includes(type));
  const come = direction === 'written' ? now.filter((type) => !old.includes(type)) : [];
  return [
    ...gone.map((type) => `${place}: ${type} is gone`),
    ...come.map((type) => `${place}: may be ${type} now`),
  ];
}

function toTypes({ type }: Change['before']): string[] | null {
  return type === undefined ? null : ([type].flat() as string[]);
}

function compareWords({ before, after, place }: Change): string[] {
  const [old, now] = [toWords(before), toWords(after)];
  if (now === null) return [];
  if (old === null) return [`${place}: only ${now.join(', ')} now`];
  return old.filter((word) => !now.includes(word)).map((word) => `${place}: ${word} is gone`);
}

function toWords({ enum: words, const: word }: Change['before']): string[] | null {
  if (word !== undefined) return [toText(word)];
  return words === undefined ? null : (words as unknown[]).map(toText);
}

function compareRequired({ before, after, direction, place }: Change): string[] {
  const [old, now] = [before, after].map(({ required = [] }) => required as string[]) as [string[], string[]];
  const gone = direction === 'written' ? old.filter((name) => !now.includes(name)) : [];
  return [
    ...now.filter((name) => !old.includes(name)).map((name) => `${place}: ${name} must be there now`),
    ...gone.map((name) => `${place}: ${name} may be missing now`),
  ];
}

function compareFields({ before, after, keyword, direction, place }: Change): string[] {
  const [old, now] = [before, after].map((schema) => (schema[keyword] ?? {}) as Record<string, Schema>);
  return Object.entries(old!).flatMap(([name, schema]) =>
    now![name] === undefined
      ? [`${place}: ${name} is gone`]
      : findBreaches(schema, now![name], direction, `${place}/${name}`),
  );
}

function comparePart({ before, after, keyword, direction, place }: Change): string[] {
  return findBreaches(
    (before[keyword] ?? true) as Schema,
    (after[keyword] ?? true) as Schema,
    direction,
    place,
  );
}

/** In their order; new ones come last. */
function compareChoices({ before, after, keyword, direction, place }: Change): string[] {
  const [old, now] = [before, after].map((schema) => schema[keyword] as Schema[] | undefined);
  if (now === undefined) return direction === 'read' ? [] : [`${place}: is gone`];
  if (old === undefined) return [`${place}: is new`];
  return old.flatMap((schema, n) =>
    now[n] === undefined
      ? [`${place}/${n}: is gone`]
      : findBreaches(schema, now[n], direction, `${place}/${n}`),
  );
}

/** `sign`: 1 where a higher bound takes fewer values. */
function compareBound({ before, after, keyword, place }: Change, sign: 1 | -1): string[] {
  const [old, now] = [before, after].map((schema) => schema[keyword] as number | undefined);
  const isTighter = now !== undefined && (old === undefined || sign * (now - old) > 0);
  return isTighter ? [`${place}: was ${old ?? 'open'}, is ${now}`] : [];
}

function compareAsIs({ before, after, keyword, place }: Change): string[] {
  const [old, now] = [toText(before[keyword]), toText(after[keyword])];
  return old === now ? [] : [`${place}: was ${old}, is ${now}`];
}

function toText(value: unknown): string {
  return JSON.stringify(value) ?? 'absent';
}
