import net from 'node:net';
import tls from 'node:tls';

/** A connection on which nothing passes for so long is closed. */
const SILENT_MS = 20_000;
/** A broker that did not answer is not asked again for so long: the others know who takes its place. */
const REST_MS = 5000;

/** What kafkajs hands over to have a connection made. */
interface SocketWish {
  readonly host: string;
  readonly port: number;
  /** Null for plaintext, whatever its types say. */
  readonly ssl: tls.ConnectionOptions | null;
  readonly onConnect: () => void;
}

/**
 * The connections of one Kafka client, so that none outlives it and none keeps it waiting for ever. kafkajs 2.2.4 goes on
 * asking a broker that hangs for as long as its connection is open, and of several brokers only those it is connected to
 * (tulios/kafkajs #1783); so a broker that does not answer loses its connections, and gets no new ones for a while.
 */
export class KafkaSockets {
  readonly #answerMs: number;
  /** With HOST:PORT of the broker. */
  readonly #open = new Map<net.Socket, string>();
  /** Until when brokers are left alone, in milliseconds of performance.now(). */
  readonly #resting = new Map<string, number>();
  #isClosed = false;

  /** `answerMs`: how long the first answer on a new connection may take, a login included. */
  constructor(answerMs: number) {
    this.#answerMs = answerMs;
  }

  readonly connect = ({ host, port, ssl, onConnect }: SocketWish): net.Socket => {
    const address = `${host}:${port}`;
    if (this.#isClosed) throw new Error('the client is closed');
    if (performance.now() < (this.#resting.get(address) ?? 0)) return toRefused(address);
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    const socket =
      ssl === null
        ? net.connect({ host, port }, onConnect)
        : tls.connect({ host, port, ...name, ...ssl }, onConnect);
    this.#open.set(socket, address);
    let hasAnswered = false;
    socket.setKeepAlive(true, 60_000).setTimeout(this.#answerMs);
    socket.on('timeout', () => (hasAnswered ? socket.destroy() : this.leave(address)));
    socket.once('data', () => {
      hasAnswered = true;
      socket.setTimeout(SILENT_MS);
    });
    socket.once('close', () => {
      this.#open.delete(socket);
      // kafkajs waits for ever when a connection is lost amid its login: only `end` wakes that up
      if (!socket.readableEnded) socket.emit('end');
    });
    return socket;
  };

  /** Ends the connections to the broker at this HOST:PORT, which does not answer, and refuses new ones for a while. */
  leave(address: string): void {
    this.#resting.set(address, performance.now() + REST_MS);
    for (const [socket, to] of this.#open) if (to === address) socket.destroy();
  }

  /** Ends every connection: what waits for an answer fails at once. */
  cut(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  /** Ends every connection and refuses new ones. */
  close(): void {
    this.#isClosed = true;
    this.cut();
  }
}

/** A connection that fails; kafkajs leaks a listener when it gets none. */
function toRefused(address: string): net.Socket {
  return new net.Socket().destroy(new Error(`${address} timed out a moment ago`));
}
