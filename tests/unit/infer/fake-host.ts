import type { TaggerHost } from '../../../src/infer/tagger-host.js';
import type { TaggerState } from '../../../src/infer/tagger-life.js';
import type { Provider } from '../../../src/infer/tagger-messages.js';
import { FakeTagger } from './fake-tagger.js';

/** A tagger host that answers when told, and is what it is told to be. */
export class FakeHost extends FakeTagger implements TaggerHost {
  readonly provider: TaggerHost['provider'];
  readonly model = {} as TaggerHost['model'];
  readonly framesPerSecond = 100;
  readonly batchSizes = [1, 2, 4];
  readonly isOneByOne = false;
  readonly fixedThreads = 1;
  readonly restarts = 0;
  state: TaggerState = 'ready';
  isClosed = false;

  constructor(effective: Provider, options: ConstructorParameters<typeof FakeTagger>[0] = {}) {
    super(options);
    this.provider = { requested: 'auto', effective, device: `${effective} device` };
  }

  override get fileMode(): string {
    return `${this.provider.effective}/${this.fileBatch}`;
  }

  pid(): Promise<number> {
    return Promise.resolve(1);
  }

  limitFileBatch(size: number): void {
    this.fileBatch = Math.min(this.fileBatch, size);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}
