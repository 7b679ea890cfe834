import type { ModelInput } from '../types.js';
import { type Hardware, toDeviceScaling, toFittingHeight, toFittingWidth } from './hardware.js';

const MATRIX = { auto: 'auto', bt601: 'bt601', bt709: 'bt709' } as const;

/** Which frames are chosen, and what decodes them; null: software. */
interface Choice {
  readonly fps: number;
  readonly keyframesOnly?: boolean | undefined;
  readonly hardware?: Hardware | null;
}

/**
 * The filters from decoded picture to model input: sampling by time stamps first, so that only chosen frames are scaled, of key
 * frames alone if `keyframesOnly` (some decoders give all frames though told to skip others); then size, most of the way on the device if
 * it was decoded there, then colour, with the tones of an HDR picture mapped if `toneMap`. What each chosen frame is, with its own
 * colours, is told on stderr before it is scaled.
 */
export function toFilterGraph(
  input: ModelInput,
  { fps, keyframesOnly = false, hardware = null }: Choice,
  toneMap: boolean,
): string {
  const inNewCell = `isnan(prev_selected_t)+gt(abs(floor(t*${fps})-floor(prev_selected_t*${fps})),0)`;
  const sampling = keyframesOnly ? `select='eq(key,1)*(${inNewCell})'` : `select='${inNewCell}'`;
  const matrix = toneMap ? 'bt2020' : MATRIX[input.matrix];
  const scale = `scale=${toSize(input)}:in_color_matrix=${matrix}:flags=${input.interpolation}+accurate_rnd+full_chroma_int`;
  const colour = toneMap ? TONE_MAP : [];
  const onDevice = hardware === null ? [] : toDeviceScaling(hardware, input);
  return [
    sampling,
    'showinfo=checksum=0',
    ...onDevice,
    scale,
    ...colour,
    'format=rgb24',
    ...toPadding(input),
  ].join(',');
}

// After scaling: it takes 140 ms for a 4K picture, 1 ms for one of a model's size, and the result differs by 0.5 of 255. PQ and
// HLG are only defined with the colours of BT.2020, so that is what a file means that leaves them unsaid. White is 203 cd/m², as
// in ITU-R BT.2408; this curve comes near to the SDR originals of pictures with and without highlights (docs/benchmarks.md).
const TONE_MAP = [
  'format=gbrp10le', // the build of 2018 loses the range between two formats in YUV
  'zscale=rin=pc:min=gbr:pin=2020:t=linear:p=bt709:npl=203',
  'format=gbrpf32le',
  'tonemap=mobius:param=0.6:desat=0',
  'zscale=t=bt709:r=pc',
  'format=gbrp',
];

function toSize({ width, height, resize }: ModelInput): string {
  if (resize === 'squash') return `${width}:${height}`;
  return `'${toFittingWidth(width, height)}':'${toFittingHeight(width, height)}'`;
}

function toPadding({ width, height, resize, align, pad }: ModelInput): string[] {
  if (resize === 'squash') return [];
  const at = align === 'center' ? '(ow-iw)/2:(oh-ih)/2' : '0:0';
  const grey = pad.toString(16).padStart(2, '0').repeat(3);
  // RGB before padding: in YUV the place of the padding would snap to the chroma grid and its grey would be off.
  return [`pad=${width}:${height}:${at}:color=0x${grey}`];
}
