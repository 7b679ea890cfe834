import { readFileSync } from 'node:fs';

/** What `${…}` in a configuration stood for. */
export interface Expansion {
  readonly tree: unknown;
  /** The variables asked for, set or not. */
  readonly asked: ReadonlySet<string>;
  /** By path: what is not set or cannot be read, as a line for people. */
  readonly missing: ReadonlyMap<string, string>;
}

/** Replaces `${NAME}` and `${file:/path}` in every string of a tree; `root`: the path of the tree itself. */
export function expandSecrets(
  tree: unknown,
  env: NodeJS.ProcessEnv,
  root: readonly PropertyKey[] = [],
): Expansion {
  const asked = new Set<string>();
  const missing = new Map<string, string>();
  const expand = (node: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof node === 'string') {
      return node.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
        asked.add(name);
        const value = name.startsWith('file:') ? readSecret(name.slice(5)) : env[name];
        const key = path.map(String).join('.');
        if (value === undefined) missing.set(key, `${key}: \${${name}} is not set or cannot be read`);
        return value ?? '';
      });
    }
    if (Array.isArray(node)) return node.map((item, n) => expand(item, [...path, n]));
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, expand(value, [...path, key])]),
    );
  };
  return { tree: expand(tree, root), asked, missing };
}

function readSecret(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}
