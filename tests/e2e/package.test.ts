import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { publint } from 'publint';
import type { LabelcastEvent } from '../../src/types.js';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { readBlocks } from './documents.js';
import { firstDifference, labelcast, toEvents, toLabelLines } from './labelcast.js';

const folder = createFolder();
const user = folder.file('user');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
/** The environment of a shell, without what npm adds to it when it runs a script of this repository. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(?:config_local_prefix|package_)/.test(name)),
);
let tarball = '';
let packed: readonly string[] = [];
let tagged: readonly LabelcastEvent[] = [];

beforeAll(async () => {
  // without its script, which builds anew: other tests are running what is built
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder.path];
  const said = execFileSync('npm', pack, { encoding: 'utf8', stdio: 'pipe' });
  const [made] = Object.values(JSON.parse(said) as Record<string, Pack>);
  tarball = folder.file(made!.filename);
  packed = made!.files.map(({ path }) => path);
  mkdirSync(user);
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball];
  run('npm', install, { ONNXRUNTIME_NODE_INSTALL: 'skip' });
  tagged = toEvents(run('npx', ['labelcast', 'tag', DEMO_CLIP, '--json', '-o', 'out']));
});
afterAll(() => folder.remove());

const DOCUMENT = /docs\/[\w-]+\.md/g;

interface Pack {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Runs a command in the folder of the user and gives its standard output. */
function run(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): string {
  const options = { cwd: user, encoding: 'utf8', env: { ...env, NO_COLOR: '1', ...more } } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${status}\n${stderr || stdout}`);
  return stdout;
}

/** What a file of the package asks for beside it. */
function neighboursOf(path: string): string[] {
  const text = readFileSync(join(user, 'node_modules/labelcast', path), 'utf8');
  const names = [...text.matchAll(/(?:from|import|new URL\()\s*\(?'(\.[^']+|[\w-]+\.html)'/g)];
  return names
    .map(([, name]) => join(dirname(path), name!))
    .map((name) => (path.endsWith('.d.ts') ? name.replace(/\.js$/, '.d.ts') : name))
    .filter((name) => !name.endsWith('/') && name.includes('.', 2));
}

test('the package holds the program, the types that users reach, manual, documents, schemas and the model, and nothing else', () => {
  const kinds = {
    program: /^dist\/src\/(?!report\/page\/)[\w/-]+\.js$/,
    types: /^dist\/src\/[\w/-]+\.d\.ts$/,
    page: /^dist\/src\/report\/page\.html$/,
    manual: /^man\/labelcast(?:-[a-z]+)*\.1$/,
    documents: /^docs\/[\w-]+\.md$/,
    schema: /^docs\/(?:schema\/[\w.-]+\.json|asyncapi\.yaml)$/,
    model:
      /^model\/(?:prelude\.onnx|sgfn-nano-coco80\/(?:(?:manifest\.json|model\.onnx|README\.md)|golden\/[\w.]+))$/,
    text: /^(?:LICENSE|NOTICE|README\.md|package\.json)$/,
  };
  expect(packed.filter((path) => !Object.values(kinds).some((kind) => kind.test(path)))).toEqual([]);
  for (const kind of Object.values(kinds)) expect(packed.some((path) => kind.test(path))).toBe(true);
});

test('what the program and the types ask for is in the package, and each type is asked for', () => {
  const files = packed.filter((path) => /\.(?:js|d\.ts)$/.test(path));
  const asked = files.flatMap(neighboursOf);
  expect(asked.filter((path) => !packed.includes(path))).toEqual([]);
  const entries = ['dist/src/labelcast.d.ts', 'dist/src/label-events.d.ts'];
  const types = packed.filter((path) => path.endsWith('.d.ts'));
  expect(types.filter((path) => !asked.includes(path) && !entries.includes(path))).toEqual([]);
});

test('the documents that messages name are in the package', () => {
  const named = packed
    .filter((path) => path.endsWith('.js'))
    .flatMap(
      (path) => readFileSync(join(user, 'node_modules/labelcast', path), 'utf8').match(DOCUMENT) ?? [],
    );
  expect(named).toContain('docs/tune.md');
  expect(named.filter((path) => !packed.includes(path))).toEqual([]);
});

test('publint has nothing against it', async () => {
  const { buffer } = new Uint8Array(readFileSync(tarball));
  expect((await publint({ pack: { tarball: buffer } })).messages).toEqual([]);
});

test('npx labelcast says its version, and tags as the tree does', async () => {
  expect(run('npx', ['labelcast', '--version'])).toBe(`${version}\n`);
  const tree = await labelcast(['tag', DEMO_CLIP, '--json']);
  expect(firstDifference(toLabelLines(tagged), toLabelLines(toEvents(tree.stdout)))).toBeNull();
  expect(toLabelLines(tagged).length).toBeGreaterThan(10);
  expect(existsSync(join(user, 'out/report.html'))).toBe(true);
});

const PROGRAM = `
import { EVENT_TYPES, type LabelEvent, PublishError, toTopics } from 'labelcast';
import { readLabelEvents } from 'labelcast/consume';

const ended: LabelEvent[] = [];
let last: string | null = null;
for await (const event of readLabelEvents({ journal: 'out/journal.db' })) {
  last = event.type;
  if (event.type === EVENT_TYPES.completed) console.log(event.data.durationMs satisfies number);
  else if (event.type === EVENT_TYPES.ended) ended.push(event);
}
const { retryable } = new PublishError('no', { retryable: true });
console.log(JSON.stringify({ ended: ended.map(({ id }) => id), last, retryable, topic: toTopics().labels }));
`;

test('strict TypeScript programs with both entries compile, that of the docs too, and one reads the journal of the run', () => {
  const compiler = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
  const modules = ['--module', 'nodenext', '--moduleResolution', 'nodenext', '--target', 'es2022'];
  const types = ['--typeRoots', resolve('node_modules/@types'), '--types', 'node'];
  writeFileSync(join(user, 'program.mts'), PROGRAM);
  const examples = readBlocks('docs/package.md', 'ts').map((text, n) => {
    writeFileSync(join(user, `example-${n}.mts`), text);
    return `example-${n}.mts`;
  });
  expect(examples).toHaveLength(2);
  run(resolve('node_modules/.bin/tsc'), [...compiler, ...modules, ...types, 'program.mts', ...examples]);
  const [durationMs, found] = run('node', ['program.mjs']).split('\n');
  expect(Number(durationMs)).toBeGreaterThan(10_000);
  const ended = tagged.filter(({ type }) => type === 'io.labelcast.label.ended.v1').map(({ id }) => id);
  const last = 'io.labelcast.stream.completed.v1';
  expect(JSON.parse(found!)).toEqual({ ended, last, retryable: true, topic: 'labelcast.labels' });
});

test.each(['labelcast/dist/src/errors.js', 'labelcast/consume/label-events.js', 'labelcast/model'])(
  '%s is not to be imported',
  (name) => {
    const program = `import('${name}').catch(({ code }) => console.log(code))`;
    expect(run('node', ['--eval', program])).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  },
);

test('schemas and package.json are to be imported', () => {
  const program = `
    const { title } = require('labelcast/schema/label-event.v1.json');
    console.log(typeof title, require('labelcast/package.json').version);`;
  expect(run('node', ['--eval', program])).toBe(`string ${version}\n`);
});

test.each([20, 22, 24])('it tags the same on Node %s', async (major) => {
  const bin = resolve(`.cache/node-${major}/node_modules/node-${process.platform}-${process.arch}/bin`);
  const isRunning = process.versions.node.startsWith(`${major}.`);
  const PATH = isRunning ? process.env['PATH'] : [bin, process.env['PATH']].join(delimiter);
  expect(run('node', ['--version'], { PATH })).toMatch(new RegExp(`^v${major}\\.`));
  const clip = folder.file('short.mp4');
  if (!existsSync(clip)) ffmpeg('-t', '3', '-i', DEMO_CLIP, '-c', 'copy', clip);
  const tree = await labelcast(['tag', clip, '--json']);
  const lines = toLabelLines(toEvents(run('node_modules/.bin/labelcast', ['tag', clip, '--json'], { PATH })));
  expect(firstDifference(lines, toLabelLines(toEvents(tree.stdout)))).toBeNull();
  expect(lines.length).toBeGreaterThan(1);
});
