import type { z } from 'zod';
import { configSchema } from './config.js';
import { toHint } from './did-you-mean.js';
import type { Tree } from './yaml.js';

/** Of the project's own tests, where CUDA's libraries are, and what Kubernetes sets for a service named labelcast. */
const OF_OTHERS = /^LABELCAST_(?:BENCH|SOAK|TEST|SHARED|ORT_LIBS|SERVICE|PORT)(?:_|$)/;

/**
 * LABELCAST_SAMPLING_FPS=2 sets sampling.fps; each key of the schema but those with sections has such a variable, and an empty one counts
 * as not set; a list of numbers is written with commas. Returns path → variable of those that were used.
 */
export function overlayEnvironment(tree: Tree, env: NodeJS.ProcessEnv): Map<string, string> {
  const used = new Map<string, string>();
  for (const { group, field, schema, variable } of scalarKeys()) {
    const value = env[variable];
    if (value === undefined || value === '') continue;
    used.set(field === null ? group : `${group}.${field}`, variable);
    if (field === null) {
      tree[group] = value;
    } else {
      const section = tree[group];
      // what may be a text stays one, though it looks like a number
      const parsed = schema.safeParse(value).success ? value : toValue(value, schema);
      tree[group] = { ...(typeof section === 'object' ? section : {}), [field]: parsed };
    }
  }
  return used;
}

/** The LABELCAST_… variables that set nothing, each with what may have been meant; `asked`: by the configuration itself. */
export function findStrangeVariables(env: NodeJS.ProcessEnv, asked: ReadonlySet<string>): string[] {
  const known = scalarKeys().map(({ variable }) => variable);
  return Object.keys(env)
    .filter((name) => name.startsWith('LABELCAST_') && !OF_OTHERS.test(name))
    .filter((name) => !known.includes(name) && !asked.has(name))
    .toSorted()
    .map((name) => {
      const tail = name.slice('LABELCAST'.length);
      const longer = known.filter((other) => other.endsWith(tail));
      const hint = longer.length > 0 ? `; did you mean ${longer.join(' or ')}?` : toHint(name, known);
      return `the variable ${name} sets nothing${hint}`;
    });
}

interface ScalarKey {
  readonly group: string;
  /** Null: the group is a scalar itself. */
  readonly field: string | null;
  readonly schema: z.ZodType;
  readonly variable: string;
}

function scalarKeys(): ScalarKey[] {
  return Object.entries(configSchema.shape).flatMap(([group, schema]): ScalarKey[] => {
    const inner = (schema as unknown as { unwrap(): z.ZodType }).unwrap();
    if ('element' in inner) return []; // a list has no variable
    if (!('shape' in inner)) return [{ group, field: null, schema, variable: toVariable(group) }];
    return Object.entries(inner.shape as Record<string, z.ZodType>)
      .filter(([field]) => field !== 'labels')
      .map(([field, one]) => ({ group, field, schema: one, variable: toVariable(group, field) }));
  });
}

function toVariable(...keys: readonly string[]): string {
  return ['LABELCAST', ...keys.map((key) => key.replaceAll(/([A-Z])/g, '_$1').toUpperCase())].join('_');
}

function toValue(value: string, schema: z.ZodType): Tree[string] {
  const takesLists = schema.safeParse([]).error?.issues[0]?.code !== 'invalid_type';
  if (!takesLists) return toScalar(value);
  const items = value.replaceAll(/^\s*\[|\]\s*$/g, '').split(',');
  return items.map((item) => toScalar(item.trim()));
}

function toScalar(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}
