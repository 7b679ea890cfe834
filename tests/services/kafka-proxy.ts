import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Kinds of request, as Kafka numbers them. */
export const PRODUCE = 0;
export const END_TRANSACTION = 26;

/** `answer`: the broker has dealt with the request, and nobody hears of it; `request`: the broker never gets it. */
export type Loss = 'answer' | 'request';

/** Stands before a broker, which names it to its clients: counts what they ask, and loses requests and answers. */
export class KafkaProxy {
  /** How many requests of each kind came. */
  readonly counts = new Map<number, number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target: { readonly host: string; readonly port: number } | null = null;
  #losing: { kind: number; left: number; loss: Loss } = { kind: -1, left: 0, loss: 'answer' };

  private constructor() {
    this.#server = createServer((socket) => this.#pass(socket));
  }

  static async open(): Promise<KafkaProxy> {
    const proxy = new KafkaProxy();
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Where the broker listens itself, as HOST:PORT; until then nobody gets through. */
  set target(address: string) {
    const [host, port] = address.split(':') as [string, string];
    this.#target = { host, port: Number(port) };
  }

  /** Cuts the connection in place of the next `count` requests of a kind, or of the answers to them. */
  lose(kind: number, count: number, loss: Loss = 'answer'): void {
    this.#losing = { kind, left: count, loss };
  }

  /** How many are still to be lost. */
  get left(): number {
    return this.#losing.left;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(client: Socket): void {
    if (this.#target === null) return void client.destroy();
    const broker = connect(this.#target);
    const end = (): void => {
      for (const socket of [client, broker]) socket.destroy();
    };
    const kinds = new Map<number, number>();
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    onFrames(client, (frame) => {
      const kind = frame.readInt16BE(4);
      kinds.set(frame.readInt32BE(8), kind);
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
      if (this.#isLost(kind, 'request')) end();
      else broker.write(frame);
    });
    onFrames(broker, (frame) => {
      if (this.#isLost(kinds.get(frame.readInt32BE(4)), 'answer')) end();
      else client.write(frame);
    });
  }

  #isLost(kind: number | undefined, loss: Loss): boolean {
    const losing = this.#losing;
    if (losing.left === 0 || losing.kind !== kind || losing.loss !== loss) return false;
    losing.left--;
    return true;
  }
}

/** Of requests and answers alike; each begins with its size. */
function onFrames(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const size = 4 + rest.readInt32BE(0);
      onFrame(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
  });
}
