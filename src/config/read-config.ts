import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from '../errors.js';
import { type Config, configSchema } from './config.js';

type Tree = { [key: string]: unknown };

/**
 * Reads labelcast.yaml (or nothing), lays LABELCAST_… variables over it and fills in the defaults.
 * Throws ConfigError that lists every problem with its path.
 */
export function readConfig(file: string | null, env: NodeJS.ProcessEnv): Config {
  const issues: string[] = [];
  const tree = file === null ? {} : readYaml(file);
  const expanded = expand(tree, [], env, issues) as Tree;
  const fromEnvironment = overlayEnvironment(expanded, env);
  const parsed = configSchema.safeParse(expanded);
  if (!parsed.success) issues.push(...parsed.error.issues.map((issue) => toLine(issue, fromEnvironment)));
  if (!parsed.success || issues.length > 0) {
    throw new ConfigError(`${file ?? 'the configuration'} has ${count(issues.length)}`, issues, {
      remedy: 'correct them; docs/configuration.md lists every key',
    });
  }
  return Object.freeze(parsed.data);
}

function count(problems: number): string {
  return problems === 1 ? '1 problem' : `${problems} problems`;
}

function readYaml(file: string): Tree {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`config file ${file} cannot be read`, [], {
      remedy: 'check the path',
      cause: error,
    });
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    const lines = document.errors.map((e) => e.message.split('\n')[0] ?? 'not YAML');
    throw new ConfigError(`${file} is not valid YAML`, lines, { remedy: 'correct the lines named' });
  }
  const tree = toTree(document, file);
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    throw new ConfigError(`${file} must hold keys and values`, [], { remedy: 'see docs/configuration.md' });
  }
  return tree as Tree;
}

function toTree(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return withoutEmpty(document.toJS() ?? {});
  } catch (error) {
    throw new ConfigError(`${file} is not valid YAML`, [(error as Error).message], {
      remedy: 'correct the lines named',
      cause: error,
    });
  }
}

/** A section of which every line is a comment counts as left out. */
function withoutEmpty(tree: unknown): unknown {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== null));
}

/** Replaces `${NAME}` and `${file:/path}` in every string; a missing one is an issue. */
function expand(node: unknown, path: string[], env: NodeJS.ProcessEnv, issues: string[]): unknown {
  if (typeof node === 'string') {
    return node.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
      const value = name.startsWith('file:') ? readSecret(name.slice(5)) : env[name];
      if (value === undefined) issues.push(`${path.join('.')}: \${${name}} is not set or cannot be read`);
      return value ?? '';
    });
  }
  if (Array.isArray(node))
    return node.map((item, index) => expand(item, [...path, String(index)], env, issues));
  if (node !== null && typeof node === 'object') {
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, expand(value, [...path, key], env, issues)]),
    );
  }
  return node;
}

function readSecret(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}

/**
 * LABELCAST_SAMPLING_FPS=2 sets sampling.fps; each scalar key of the schema has such a variable, and an empty one counts
 * as not set. Returns path → variable of those that were used.
 */
function overlayEnvironment(tree: Tree, env: NodeJS.ProcessEnv): Map<string, string> {
  const used = new Map<string, string>();
  for (const { group, field, schema } of scalarKeys()) {
    const name = `LABELCAST_${[group, field]
      .filter((k) => k !== null)
      .map(toUpperSnake)
      .join('_')}`;
    const value = env[name];
    if (value === undefined || value === '') continue;
    used.set(field === null ? group : `${group}.${field}`, name);
    if (field === null) {
      tree[group] = value;
    } else {
      const section = tree[group];
      // what may be a text stays one, though it looks like a number
      const scalar = schema.safeParse(value).success ? value : toScalar(value);
      tree[group] = { ...(typeof section === 'object' ? section : {}), [field]: scalar };
    }
  }
  return used;
}

interface ScalarKey {
  readonly group: string;
  /** Null: the group is a scalar itself. */
  readonly field: string | null;
  readonly schema: z.ZodType;
}

function scalarKeys(): ScalarKey[] {
  return Object.entries(configSchema.shape).flatMap(([group, schema]): ScalarKey[] => {
    const inner = (schema as unknown as { unwrap(): z.ZodType }).unwrap();
    if ('element' in inner) return []; // a list has no variable
    if (!('shape' in inner)) return [{ group, field: null, schema }];
    return Object.entries(inner.shape as Record<string, z.ZodType>)
      .filter(([field]) => field !== 'labels')
      .map(([field, fieldSchema]) => ({ group, field, schema: fieldSchema }));
  });
}

function toUpperSnake(key: string): string {
  return key.replaceAll(/([A-Z])/g, '_$1').toUpperCase();
}

function toScalar(value: string): string | number {
  return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

function toLine(issue: z.core.$ZodIssue, fromEnvironment: ReadonlyMap<string, string>): string {
  const key = issue.path.join('.');
  const path = fromEnvironment.get(key) ?? (key || '(top level)');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: unknown key${toHint(key)}`).join('; ');
  }
  return `${path}: ${issue.message}`;
}

/** Dotted names are for people; in the file they are nested. */
function toHint(key: string): string {
  const [group, field] = key.split('.');
  return field === undefined ? '' : `; nest it: ${group}: { ${field}: … }`;
}
