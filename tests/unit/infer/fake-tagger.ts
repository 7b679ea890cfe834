import type { Frame, Pixels, Scores, Tagger } from '../../../src/types.js';

interface Call {
  readonly names: readonly number[];
  readonly fixed: boolean;
  /** Gives every frame its name as its one score, or an error to those in `bad`. */
  answer(bad?: readonly number[]): void;
  reject(error: Error): void;
}

/** A tagger that answers when told; it notes its calls. */
export class FakeTagger implements Tagger {
  readonly lanes: number;
  readonly devices = 1;
  maxBatch: number;
  fileBatch: number;
  readonly calls: Call[] = [];
  readonly answersAtOnce: boolean;

  constructor(
    options: { lanes?: number; maxBatch?: number; fileBatch?: number; answersAtOnce?: boolean } = {},
  ) {
    this.lanes = options.lanes ?? 1;
    this.maxBatch = options.maxBatch ?? 4;
    this.fileBatch = options.fileBatch ?? 2;
    this.answersAtOnce = options.answersAtOnce ?? false;
  }

  get fileMode(): string {
    return `fake/${this.fileBatch}`;
  }

  tag(frames: readonly Pixels[], { fixed }: { readonly fixed: boolean }): Promise<(Scores | Error)[]> {
    const names = frames.map((frame) => frame.bytes[0]!);
    return new Promise((resolve, reject) => {
      const answer = (bad: readonly number[] = []) =>
        resolve(
          names.map((name) => (bad.includes(name) ? new Error(`frame ${name}`) : Float32Array.of(name))),
        );
      this.calls.push({ names, fixed, answer, reject });
      if (this.answersAtOnce) answer();
    });
  }
}

/** Makes frames named 0-255 and counts what becomes of their pixels. */
export class FrameMill {
  readonly releases = new Map<number, number>();

  frame(name: number): Frame {
    this.releases.set(name, 0);
    const release = () => void this.releases.set(name, this.releases.get(name)! + 1);
    const hash = () => {
      if (this.releases.get(name) !== 0) throw new Error('hashed after its release');
      return 1000 + name;
    };
    return {
      ptsMs: name * 200,
      damaged: name % 2 === 1,
      pixels: { bytes: Uint8Array.of(name), hash, release },
    };
  }

  /** Frames made and not yet released. */
  get held(): number {
    return [...this.releases.values()].filter((count) => count === 0).length;
  }

  get releasedOnce(): boolean {
    return [...this.releases.values()].every((count) => count === 1);
  }
}
