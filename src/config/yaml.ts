import { readFileSync } from 'node:fs';
import { Document, isAlias, isMap, isNode, parseDocument, stringify, visit, type YAMLMap } from 'yaml';
import { ConfigError } from '../errors.js';

export type Tree = { [key: string]: unknown };

/** The keys and values of a YAML file. Throws ConfigError when it cannot be read or holds something else. */
export function readYaml(file: string): Tree {
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
  if (document.errors.length > 0) throw notYaml(file, document.errors);
  const tree = toTree(document, file);
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    throw noKeys(file);
  }
  return tree as Tree;
}

function noKeys(file: string): ConfigError {
  return new ConfigError(`${file} must hold keys and values`, [], { remedy: 'see docs/configuration.md' });
}

function toTree(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return withoutEmpty(document.toJS() ?? {});
  } catch (error) {
    throw notYaml(file, [error as Error]);
  }
}

/** The parser shows the line below a colon; what is above it says where it is. */
function notYaml(file: string, errors: readonly Error[]): ConfigError {
  const lines = errors.map(({ message }) => (message.split('\n')[0] ?? 'not YAML').replace(/:$/, ''));
  return new ConfigError(`${file} is not valid YAML`, lines, {
    remedy: 'correct the lines named',
    cause: errors[0],
  });
}

/** A section of which every line is a comment counts as left out. */
function withoutEmpty(tree: unknown): unknown {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== null));
}

/** A value as YAML of one line. */
export function toYamlLine(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd();
}

/**
 * The text of a YAML file with a section laid over its own of that name, key by key and label by label; comments and all other
 * keys stay. Maps without maps in them are written on a line, empty ones not at all. Throws ConfigError, naming `file`, when the
 * text is not YAML of keys and values, or the section shares values with other places.
 */
export function withSection(
  text: string,
  { file, name, keys }: { file: string; name: string; keys: Tree },
): string {
  const document = text.trim() === '' ? new Document({}) : parseDocument(text);
  if (document.errors.length > 0) throw notYaml(file, document.errors);
  document.contents ??= document.createNode({}) as never; // comments alone
  if (!isMap(document.contents)) throw noKeys(file);
  refuseShared(document.get(name, true), { file, name });
  lay(document, [name], keys);
  const made = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  return text.includes('\r\n') ? made.replace(/\r?\n/g, '\r\n') : made;
}

/** To set one of them would move the others, or cut it off from them. */
function refuseShared(section: unknown, { file, name }: { file: string; name: string }): void {
  if (!isNode(section)) return;
  let isShared = false;
  visit(section, (_, node) => {
    if (isAlias(node) || (isNode(node) && 'anchor' in node && node.anchor !== undefined)) isShared = true;
  });
  if (!isShared) return;
  throw new ConfigError(`${name} of ${file} shares values with other places (& and *)`, [], {
    remedy: `write its values out, or name another file`,
  });
}

function lay(document: Document, path: readonly string[], keys: Tree): void {
  if (!isMap(document.getIn(path, true))) {
    const old = document.getIn(path, true) as { comment?: string | null } | undefined;
    const map = document.createNode({}) as YAMLMap;
    // a section of comments alone: they stay, before its first key
    if (typeof old?.comment === 'string') map.commentBefore = old.comment;
    document.setIn(path, map);
  }
  for (const [key, value] of Object.entries(keys)) {
    if (isTree(value) && Object.keys(value).length === 0) continue;
    if (isTree(value) && Object.values(value).some(isTree)) lay(document, [...path, key], value);
    else document.setIn([...path, key], isTree(value) ? document.createNode(value, { flow: true }) : value);
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
