import type { ModelInput } from '../types.js';

/** What decodes and scales pictures in place of the processor. */
export interface Hardware {
  /** As ffmpeg's `-hwaccel` calls it. */
  readonly name: HardwareName;
  /** The number of a GPU (cuda) or the path of a render node (vaapi, qsv); null: the first. */
  readonly device: string | null;
}

export const HARDWARE_NAMES = ['cuda', 'vaapi', 'qsv'] as const;
export type HardwareName = (typeof HARDWARE_NAMES)[number];

/** The filters a preset needs beside those of software. */
export function toHardwareFilters(name: HardwareName): readonly string[] {
  return [`scale_${name}`, 'hwdownload'];
}

/**
 * Options before an input whose pictures are decoded on a device and stay there. Where the device fails, ffmpeg gives none: it
 * goes on in software of itself, but what is scaled on the device must lie there.
 */
export function toHardwareOptions({ name, device }: Hardware): readonly string[] {
  return [
    ...toDeviceOptions(name, device),
    '-hwaccel',
    name,
    '-hwaccel_output_format',
    name,
    // newer builds queue pictures between their threads, and a device has only so many
    '-extra_hw_frames',
    '8',
  ];
}

function toDeviceOptions(name: HardwareName, device: string | null): string[] {
  if (device === null) return [];
  if (name !== 'qsv') return ['-hwaccel_device', device];
  // its own devices have no paths: it is told the one below
  return ['-init_hw_device', `qsv=qsv0:hw_any,child_device=${device}`, '-hwaccel_device', 'qsv0'];
}

/**
 * The filters from a picture on the device to one in memory: with square pixels, at twice the model's size, so that colours,
 * which NV12 has at half of that, keep the model's; and so that the last step is taken by the scaler that software uses.
 */
export function toDeviceScaling(
  { name }: Hardware,
  { resize, width, height }: Pick<ModelInput, 'resize' | 'width' | 'height'>,
): readonly string[] {
  const size =
    resize === 'squash'
      ? `w=${2 * width}:h=${2 * height}`
      : `w='2*${toFittingWidth(width, height)}':h='2*${toFittingHeight(width, height)}'`;
  return [`scale_${name}=${size}:format=nv12`, 'hwdownload', 'format=nv12', 'setsar=1'];
}

// By the displayed aspect ratio (dar), so that anamorphic video keeps its shapes.

/** How wide a picture is that fits into a size, as an expression of ffmpeg's scalers. */
export function toFittingWidth(width: number, height: number): string {
  return `max(1,min(${width},round(${height}*dar)))`;
}

/** How high. */
export function toFittingHeight(width: number, height: number): string {
  return `max(1,min(${height},round(${width}/dar)))`;
}
