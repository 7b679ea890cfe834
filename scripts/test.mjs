// `npm test`: installs and starts what it needs, runs every check, ends with the line "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  build,
  ensureChromium,
  ensureCurrentFfmpeg,
  ensureDeployCheckers,
  ensureDuckdb,
  ensureFakeDevices,
  ensureKafka,
  ensureNode,
  ensurePillow,
  ensureScikitLearn,
  ensureSystemPackages,
  ensureToxiproxy,
} from './setup.mjs';

const PYTEST_REPORT = '.cache/pytest.xml';
const JEST_REPORT = '.cache/jest.json';
const gstreamer = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/gstreamer-1.0`;
/** How a Node.js starts Jest, which takes ES modules behind a flag only. */
const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--maxWorkers=2', // most tests of cameras and brokers wait for most of their time
];
/** Release lines of Node.js that are supported; the full run is with the one that runs this. */
const NODES = [20, 22, 24].filter((major) => major !== Number(process.versions.node.split('.')[0]));
/** How many tests may pass at their second try only; more is no accident of a busy machine. */
const MOST_SECOND_TRIES = 3;
let passed = 0;
let failed = 0;
/** Tests that passed at their second try only, with what they failed by before. */
const secondTries = [];

ensureSystemPackages({
  ffmpeg: ['ffmpeg', '-version'],
  jq: ['jq', '--version'],
  strace: ['strace', '-V'],
  'python3-venv': ['python3', '-c', 'import ensurepip'],
  // The shells whose completions are tested, and what checks the manual pages.
  zsh: ['zsh', '--version'],
  fish: ['fish', '--version'],
  mandoc: ['sh', '-c', 'command -v mandoc'],
  // The RTSP server of the tests, for Debian's own Python.
  'python3-gi': ['/usr/bin/python3', '-c', 'import gi'],
  'gir1.2-gst-rtsp-server-1.0': [
    '/usr/bin/python3',
    '-c',
    'import gi; gi.require_version("GstRtspServer", "1.0")',
  ],
  'gstreamer1.0-plugins-base': ['test', '-e', `${gstreamer}/libgstapp.so`],
  'gstreamer1.0-plugins-good': ['test', '-e', `${gstreamer}/libgstrtp.so`],
  'gstreamer1.0-plugins-bad': ['test', '-e', `${gstreamer}/libgstvideoparsersbad.so`],
  'gstreamer1.0-rtsp': ['test', '-e', `${gstreamer}/libgstrtspclientsink.so`],
});
build();
ensureChromium();
ensureFakeDevices();
ensureCurrentFfmpeg();
ensureKafka();
ensureToxiproxy();
ensurePillow();
ensureScikitLearn();
ensureDeployCheckers();
ensureDuckdb();
const nodes = NODES.map((major) => ({ major, program: ensureNode(major) }));
mkdirSync('.cache', { recursive: true });

check('format', 'node_modules/.bin/biome', ['format', '.']);
check('lint', 'node_modules/.bin/oxlint', ['--type-aware', '--deny-warnings']);
check('unused code', 'node_modules/.bin/knip', []);
check('commits', 'git', ['diff', '--check', 'HEAD']);
jest();
for (const { major, program } of nodes)
  check(`unit tests on Node ${major}`, program, [...JEST, '--silent', 'dist/tests/unit']);
python();

for (const line of secondTries) process.stdout.write(`passed at the second try only: ${line}\n`);
if (secondTries.length > MOST_SECOND_TRIES) count(0, 1);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function check(name, command, args) {
  const ok = spawnSync(command, args, { stdio: 'inherit' }).status === 0;
  count(ok ? 1 : 0, ok ? 0 : 1);
  process.stdout.write(`${ok ? 'ok' : 'FAILED'}: ${name}\n`);
}

function jest() {
  rmSync(JEST_REPORT, { force: true });
  const tries = ['--setupFilesAfterEnv', '<rootDir>/second-try.js'];
  const args = [...JEST, ...tries, '--json', `--outputFile=${JEST_REPORT}`];
  spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const report = read(JEST_REPORT, JSON.parse);
  const broken =
    report?.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0) ??
    [];
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  secondTries.push(...(report?.testResults ?? []).flatMap(toSecondTries));
  count(report?.numPassedTests ?? 0, report ? report.numFailedTests + broken.length + skipped : 1);
}

function toSecondTries({ name, assertionResults }) {
  return assertionResults
    .filter((test) => test.status === 'passed' && test.invocations > 1)
    .map((test) => `${relative('dist/tests', name)}: ${test.fullName}: ${toReason(test.retryReasons?.[0])}`);
}

/** What a failure says, on one line without colours. */
function toReason(failure = '') {
  return stripVTControlCharacters(failure)
    .split(/\n\s+at /)[0]
    .replace(/\s+/g, ' ')
    .slice(0, 500);
}

function python() {
  rmSync(PYTEST_REPORT, { force: true });
  const { status } = spawnSync('bash', ['model/check.sh'], {
    stdio: 'inherit',
    env: { ...process.env, PYTEST_ADDOPTS: `--junitxml=${process.cwd()}/${PYTEST_REPORT}` },
  });
  const suite = read(PYTEST_REPORT, (text) => /<testsuite [^>]*>/.exec(text)?.[0]);
  const number = (name) => Number(new RegExp(`${name}="(\\d+)"`).exec(suite ?? '')?.[1] ?? 0);
  const bad = number('failures') + number('errors');
  count(number('tests') - bad - number('skipped'), status !== 0 && bad === 0 ? 1 : bad);
}

function read(file, parse) {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function count(good, bad) {
  passed += good;
  failed += bad;
}
