import type { ModelInput } from '../types.js';

const MATRIX = { auto: 'auto', bt601: 'bt601', bt709: 'bt709' } as const;

/**
 * The filters from decoded picture to model input: sampling by time stamps first, so that only chosen frames are scaled, then
 * `toneMap` if the picture is HDR, then size and colour; last a line on stderr for each frame that is sent.
 */
export function toFilterGraph(input: ModelInput, fps: number, toneMap: boolean): string {
  const sampling = `select='isnan(prev_selected_t)+gt(abs(floor(t*${fps})-floor(prev_selected_t*${fps})),0)'`;
  const hdr = toneMap ? TONE_MAP : [];
  return [sampling, ...hdr, ...fit(input), 'showinfo=checksum=0'].join(',');
}

// Linear light first: the curve must not bend the colours. BT.709 after it, as most training pictures are.
const TONE_MAP = [
  'zscale=t=linear:npl=100',
  'format=gbrpf32le',
  'zscale=p=bt709',
  'tonemap=hable:desat=0',
  'zscale=t=bt709:m=bt709:r=tv',
  'format=yuv420p',
];

function fit(input: ModelInput): string[] {
  const { width, height } = input;
  const colour = `in_color_matrix=${MATRIX[input.matrix]}:flags=${input.interpolation}+accurate_rnd+full_chroma_int`;
  if (input.resize === 'squash') return [`scale=${width}:${height}:${colour}`, 'format=rgb24'];
  // By the displayed aspect ratio (dar), so that anamorphic video keeps its shapes.
  const w = `'max(1,min(${width},round(${height}*dar)))'`;
  const h = `'max(1,min(${height},round(${width}/dar)))'`;
  const at = input.align === 'center' ? '(ow-iw)/2:(oh-ih)/2' : '0:0';
  const grey = input.pad.toString(16).padStart(2, '0').repeat(3);
  // RGB before padding: in YUV the place of the padding would snap to the chroma grid and its grey would be off.
  return [`scale=${w}:${h}:${colour}`, 'format=rgb24', `pad=${width}:${height}:${at}:color=0x${grey}`];
}
