import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { PublishError } from './errors.js';

/** A connection on which nothing is heard for so long is closed; a longer answer is never waited for. */
const SILENT_MS = 20_000;

/** What kafkajs hands over to have a connection made. */
interface SocketWish {
  readonly host: string;
  readonly port: number;
  readonly ssl: tls.ConnectionOptions;
  readonly onConnect: () => void;
}

/** The connections of one Kafka client, so that none outlives it and none keeps it waiting for ever. */
export class KafkaSockets {
  readonly #open = new Set<net.Socket>();
  #isClosed = false;

  readonly connect = ({ host, port, ssl, onConnect }: SocketWish): net.Socket => {
    if (this.#isClosed) throw new Error('the client is closed');
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    // kafkajs passes none for plaintext, whatever its types say
    const socket = !(ssl as unknown)
      ? net.connect({ host, port }, onConnect)
      : tls.connect({ host, port, ...name, ...ssl }, onConnect);
    this.#open.add(socket);
    socket.setKeepAlive(true, 60_000).setTimeout(SILENT_MS, () => socket.destroy());
    socket.once('close', () => {
      this.#open.delete(socket);
      // kafkajs waits for ever when a connection is lost amid its login: only `end` wakes that up
      if (!socket.readableEnded) socket.emit('end');
    });
    return socket;
  };

  /** Ends every connection: what waits for an answer fails at once. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Ends every connection and refuses new ones. */
  close(): void {
    this.#isClosed = true;
    this.cut();
  }
}

/** Throws PublishError when these certificates or keys cannot be used. */
export function checkTls(ssl: tls.SecureContextOptions): void {
  try {
    tls.createSecureContext(ssl);
    // a CA that is no PEM is taken without a word, and then nothing is trusted
    if (typeof ssl.ca === 'string') new X509Certificate(ssl.ca);
  } catch (cause) {
    throw new PublishError('the certificates or the key under ssl of the sink cannot be read', {
      remedy: 'ssl.ca, ssl.cert and ssl.key are PEM texts, as in ${file:/etc/labelcast/ca.pem}',
      cause,
    });
  }
}
