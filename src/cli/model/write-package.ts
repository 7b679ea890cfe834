import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Golden, writeGolden } from '../../infer/golden.js';
import type { Manifest } from '../../infer/manifest.js';
import type { Model } from '../../infer/model.js';
import { makeFolder } from '../output-folder.js';

/** Writes the folder of a package, its files copied byte for byte; the manifest comes last, so that none is half a package. */
export async function writePackage(
  dir: string,
  {
    model,
    manifest,
    golden,
  }: { readonly model: Model; readonly manifest: Manifest; readonly golden: Golden },
): Promise<void> {
  makeFolder(dir);
  await copyFile(model.file, join(dir, manifest.files.fp32.path));
  for (const { file, path } of model.data) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await copyFile(file, join(dir, path));
  }
  await writeGolden(dir, golden);
  await writeFile(join(dir, 'README.md'), toCard(manifest));
  await writeFile(join(dir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function toCard({ name, version, licence, input, prelude, labels, smoothing }: Manifest): string {
  const { layout, channels, scale, mean, std, activation } = prelude!;
  return `# ${name} ${version}

A foreign model, imported by \`labelcast model import\`: \`model.onnx\` is the file as it was.

| | |
|---|---|
| licence | ${licence} |
| frames | ${input.width} × ${input.height}, ${input.resize}, ${input.interpolation} |
| floats | ${layout}, ${channels}, (pixel × ${scale} − mean) ÷ std; mean ${mean.join(', ')}; std ${std.join(', ')} |
| scores | of ${labels.length} labels, activation ${activation} |
| thresholds | enter ${smoothing.enter}, exit ${smoothing.exit} |
| golden frames | pictures of scikit-image (public domain or CC0), with the scores that this model gave them at import |

Neither the ONNX file nor the import says what the model was trained on, how well it scores, or where it fails. State it here and as
\`trainedOn\` and \`metrics\` in \`manifest.json\`, and give each label the thresholds that suit it.
`;
}
