import '../publish/disposal.js';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeClip, openFolder, takeAll } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { openClipServer } from './clip-server.js';
import { watchLive } from './live-watch.js';

const builds = await findTestBuilds();
const folder = await openFolder();
const server = await openClipServer(folder.path, builds.debian.path);
const mapped = new Set<number>();
const unmapped = new Set<number>();
const plain = new Set<number>();
const HLG = 'colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc';
const BT709 = 'colorprim=bt709:transfer=bt709:colormatrix=bt709';

beforeAll(async () => {
  const make = (name: string, seconds: number, format: string, settings: string): Promise<void> => {
    const picture = `-f lavfi -i smptehdbars=s=320x180:r=5:d=${seconds} -pix_fmt ${format}`;
    const x265 = `-c:v libx265 -preset ultrafast -x265-params log-level=error:scenecut=0:open-gop=0:${settings}`;
    return makeClip(folder.path, `${picture} ${x265} ${name}.ts`);
  };
  await Promise.all([
    make('hdr', 2, 'yuv420p10le', `keyint=5:${HLG}`),
    make('long', 12, 'yuv420p10le', `keyint=30:min-keyint=30:${HLG}`),
    make('sdr', 2, 'yuv420p', `keyint=5:${BT709}`),
    make('untold', 2, 'yuv420p', 'keyint=5'),
  ]);
  await makeClip(folder.path, '-i sdr.ts -i hdr.ts -map 0 -map 1 -c copy two.ts');
  // It starts 3 s after a key frame and 3 s before the next.
  await makeClip(folder.path, '-i long.ts -ss 3 -c copy -copyinkf middle.ts');
  const [hdr, sdr] = await Promise.all(
    ['hdr', 'sdr'].map((name) => readFile(join(folder.path, `${name}.ts`))),
  );
  await writeFile(join(folder.path, 'change.ts'), Buffer.concat([hdr!, sdr!]));
  const take = async (names: string[], into: Set<number>, canToneMap = true): Promise<void> => {
    for (const [name, build] of names.flatMap((of) => Object.values(builds).map((one) => [of, one] as const)))
      for (const hash of (await takeAll(join(folder.path, `${name}.ts`), { ...build, canToneMap })).hashes)
        into.add(hash);
  };
  await Promise.all([
    take(['hdr', 'long'], mapped),
    take(['hdr', 'long'], unmapped, false),
    take(['sdr', 'untold'], plain),
  ]);
  expect(new Set([...mapped, ...unmapped, ...plain]).size).toBe(mapped.size + unmapped.size + plain.size);
});
afterAll(async () => {
  await server.close();
  await folder.close();
});

const KINDS = Object.entries({ mapped, unmapped, plain });

/** Without those that older builds make of what comes before a key frame, which are marked as damaged. */
function toKinds(hashes: readonly number[]): string[] {
  return hashes.flatMap((hash) => KINDS.filter(([, known]) => known.has(hash)).map(([kind]) => kind));
}

interface Seen {
  readonly kinds: string[];
  readonly states: readonly string[];
  readonly connections: number;
}

/** What a camera sends, by which clips, and what is to be seen of it with each ffmpeg. */
type Scenario = readonly [what: string, clips: readonly string[], expected: Seen];

async function see(build: keyof typeof builds, [, clips, expected]: Scenario): Promise<Seen> {
  const camera = server.camera(clips);
  await using watch = watchLive({ url: camera.url, build: builds[build] });
  await watch.until(() => {
    const kinds = toKinds(watch.hashes);
    const isLast = camera.connections >= expected.connections && kinds.at(-3) === expected.kinds.at(-1);
    // the first clip of several has 10 frames
    return isLast && kinds.length >= (clips.length > 1 ? 13 : 5);
  });
  await watch.stop();
  const kinds = toKinds(watch.hashes).filter((kind, n, all) => kind !== all[n - 1]);
  return { kinds, states: watch.states, connections: camera.connections };
}

const ONCE = ['connecting', 'online'];
const TWICE = [...ONCE, 'offline ended', ...ONCE];
const MAPPED = { kinds: ['mapped'], states: ONCE, connections: 2 };
const PLAIN = { kinds: ['plain'], states: ONCE, connections: 1 };
const CHANGED = { kinds: ['mapped', 'plain'], states: TWICE, connections: 4 };
const BUILDS = ['bundled', 'debian', 'current'] as const;

async function seeAll(scenarios: readonly Scenario[]): Promise<void> {
  // a dozen of ffmpegs at once outlast the clips that they are sent
  for (const scenario of scenarios) {
    const [what, , expected] = scenario;
    const seen = await Promise.all(BUILDS.map(async (build) => [what, build, await see(build, scenario)]));
    expect(seen).toEqual(BUILDS.map((build) => [what, build, expected]));
  }
}

test('tones of an HDR camera are mapped as of a file, and no others', async () => {
  await seeAll([
    ['HDR', ['hdr'], MAPPED],
    ['HDR, joined between two key frames', ['middle'], MAPPED],
    ['SDR', ['sdr'], PLAIN],
    ['SDR, with HDR as second track', ['two'], PLAIN],
  ]);
});

test('what was seen holds for the next connection until a picture says otherwise', async () => {
  const still = { ...MAPPED, states: TWICE, connections: 3 };
  await seeAll([
    ['after a loss between two key frames', ['hdr', 'hdr', 'middle'], still],
    ['after a loss SDR', ['hdr', 'hdr', 'sdr'], CHANGED],
    ['after a loss SDR that does not tell its curve', ['hdr', 'hdr', 'untold'], CHANGED],
    ['SDR by the same connection', ['change', 'change', 'sdr'], { ...CHANGED, states: ONCE, connections: 3 }],
  ]);
});

test('where they cannot be mapped, it is said once', async () => {
  const camera = server.camera(['middle']);
  await using watch = watchLive({ url: camera.url, build: { ...builds.debian, canToneMap: false } });
  await watch.until(() => watch.times.length >= 3);
  await watch.stop();
  expect(watch.messages).toEqual([
    expect.stringMatching(/camera-\d+ is HDR and this ffmpeg cannot map its tones.*;/),
  ]);
  expect(camera.connections).toBe(1);
});

test('a camera that answered is not said to be silent when there was no time to connect twice', async () => {
  const { url } = server.camera(['hdr', 'nothing']);
  await using watch = watchLive({ url, build: builds.debian, giveUpAfterMs: 25_000 });
  await expect(watch.end).rejects.toThrow(/camera-\d+ was opened but sent no picture .* given up after/);
});
