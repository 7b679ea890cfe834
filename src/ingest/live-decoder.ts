import type { Decoder, DecoderListener } from '../types.js';
import type { LogLine } from './ffmpeg-log.js';
import type { Hardware } from './hardware.js';
import { type ToldProblem, toHardwareProblem } from './hardware-problem.js';
import type { LiveEnd } from './live-decode.js';
import { isLoss } from './live-log.js';

/**
 * Chooses what decodes the connections of a live stream. A connection that was opened and gave no picture is tried again in
 * software, and if that gives none either, it was the stream. If it gives one, the stream stays in software: for good where the
 * device's own failure was told, else for this connection, since the stream may just have been late.
 */
export class LiveDecoder {
  readonly #name: string;
  readonly #listener: DecoderListener | undefined;
  /** Null: none was asked for, or it has failed this stream. */
  #hardware: Hardware | null;
  /** Why the device gave no picture, while software tries. */
  #doubt: ToldProblem | null = null;
  #told: string | null = null;

  /** `name`: the stream as people know it, without credentials. */
  constructor(name: string, hardware: Hardware | null, listener: DecoderListener | undefined) {
    this.#name = name;
    this.#hardware = hardware;
    this.#listener = listener;
  }

  /** The next connection only tries whether software gives a picture where the device gave none. */
  get isTrying(): boolean {
    return this.#doubt !== null;
  }

  /** What decodes the next connection; null: software. */
  next(isToneMapped: boolean): Hardware | null {
    return isToneMapped || this.#doubt !== null ? null : this.#hardware;
  }

  /** The first picture of a connection came. */
  gavePicture(used: Hardware | null, isToneMapped: boolean): void {
    if (this.#doubt !== null) {
      const { what, isOfDevice } = this.#doubt;
      const until = isOfDevice ? '' : ', until it is connected anew';
      const note = `${this.#name} is decoded in software (${this.#hardware!.name}: ${what}${until})`;
      if (isOfDevice) this.#hardware = null;
      this.#doubt = null;
      return this.#tell('software', note);
    }
    const isLeft = used === null && this.#hardware !== null && isToneMapped;
    const note = `${this.#name} is decoded in software (it is HDR, and software alone maps its tones)`;
    this.#tell(used?.name ?? 'software', isLeft ? note : null);
  }

  /** A connection ended without a picture; whether the next one is to be made at once, in software. */
  mayBeAtFault(used: Hardware | null, end: LiveEnd, isStalled: boolean): boolean {
    const { exit, isOpened, lines } = end;
    const hasFailed = isStalled || exit.code !== 0 || lines.some(isLoss);
    const isSuspect = used !== null && (isOpened || lines.some(isAboutDevice)) && hasFailed;
    this.#doubt = isSuspect ? toHardwareProblem(used.name, lines) : null;
    return isSuspect;
  }

  #tell(decoder: Decoder, note: string | null): void {
    const said = `${decoder} ${note}`;
    this.#listener?.(decoder, said === this.#told ? null : note);
    this.#told = said;
  }
}

/** Some devices are opened before the stream is. */
function isAboutDevice({ context, text }: LogLine): boolean {
  return context.includes('AVHWDeviceContext') || text.includes('init_hw_device');
}
