import { readFileSync } from 'node:fs';
import { parseDocument, stringify } from 'yaml';
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
    throw new ConfigError(`${file} must hold keys and values`, [], { remedy: 'see docs/configuration.md' });
  }
  return tree as Tree;
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
