/** Exit statuses of a run that a signal ended after a clean drain. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** A second signal this soon is the first one again: a shell and `timeout` may both send theirs. */
const SAME_MS = 500;

/** The first SIGINT or SIGTERM asks the run to stop and drain; a second one ends the process at once. */
export class StopSignals implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener = (name: NodeJS.Signals): void => this.#stop(name as keyof typeof STATUS);
  readonly #onFirst: () => void;
  #firstMs = 0;
  /** The exit status that the signal asks for; null while there was none. */
  status: number | null = null;

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    for (const name of Object.keys(STATUS)) process.on(name, this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of Object.keys(STATUS)) process.off(name, this.#listener);
  }

  #stop(name: keyof typeof STATUS): void {
    if (this.status !== null && performance.now() - this.#firstMs < SAME_MS) return;
    if (this.status !== null) process.exit(this.status);
    this.#firstMs = performance.now();
    this.status = STATUS[name];
    this.#onFirst();
    this.#controller.abort();
  }
}
