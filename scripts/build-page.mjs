// Builds the report page: src/report/page/ → one file, dist/src/report/page.html, into which toReportHtml puts the data.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const SOURCE = 'src/report/page';
const TARGET = 'dist/src/report/page.html';

const { outputFiles, metafile } = await build({
  entryPoints: [`${SOURCE}/main.tsx`],
  outdir: 'dist',
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'iife',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});
const script = `${toLicences(metafile)}\n${read('.js')}`;
const style = read('.css');
// Nothing is asked of the network. Scripts and styles are those of this file, and a video may lie beside it.
const policy = [
  "default-src 'none'",
  `script-src '${toHash(script)}'`,
  `style-src '${toHash(style)}'`,
  'img-src data:',
  "media-src 'self' file: data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const parts = { POLICY: policy, STYLE: style, SCRIPT: script };
const page = Object.entries(parts).reduce(
  (html, [name, text]) => html.replace(`%REPORT_${name}%`, () => text),
  readFileSync(`${SOURCE}/page.html`, 'utf8'),
);
mkdirSync('dist/src/report', { recursive: true });
writeFileSync(TARGET, page);

function read(extension) {
  return outputFiles.find(({ path }) => path.endsWith(extension)).text.trim();
}

function toHash(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The licences of what is bundled, which go where it goes. NOTICE must name each, or the build fails. */
function toLicences({ inputs }) {
  const names = new Set(
    Object.keys(inputs).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
  );
  const notice = readFileSync('NOTICE', 'utf8');
  const texts = [...names].sort().map((name) => {
    if (!notice.includes(`${name} (`))
      throw new Error(`NOTICE does not name ${name}, which the report page bundles`);
    return `${name}\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim()}`;
  });
  return `/*\n${texts.join('\n\n')}\n*/`;
}
