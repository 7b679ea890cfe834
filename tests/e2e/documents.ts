import { readdirSync, readFileSync } from 'node:fs';

/** A command as a document shows it, without its comment. */
export interface ShownCommand {
  readonly document: string;
  readonly command: string;
}

/** What tells people how to use labelcast; those of `model/` are read by its own tests. */
export const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'deploy/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Fenced blocks of a language, in order. */
export function readBlocks(document: string, language: string): string[] {
  const blocks = readFileSync(document, 'utf8').matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].filter((block) => block[1] === language).map((block) => block[2]!);
}

/** Every line of the blocks of commands, with the first document that shows it. */
export function readCommands(): ShownCommand[] {
  const shown = new Map<string, ShownCommand>();
  for (const document of DOCUMENTS) {
    for (const line of readBlocks(document, 'sh').flatMap((block) => block.split('\n'))) {
      const command = line.replace(/(^|\s+)# .*$/, '');
      const key = command.replace(/^npx /, '');
      if (key !== '' && !shown.has(key)) shown.set(key, { document, command });
    }
  }
  return [...shown.values()];
}

/** The options that a document names by themselves: `--fps N`. */
export function readOptions(document: string): string[] {
  const text = readFileSync(document, 'utf8').replaceAll(/^```.*?^```$/gms, '');
  return [...text.matchAll(/`[^`\n]*`/g)].flatMap(([code]) =>
    [...code.matchAll(/(?<=[`\s|,])--[a-z][a-z-]*/g)].map(([option]) => option),
  );
}
