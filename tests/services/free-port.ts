import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below those that the system gives to whoever asks for any: who is told of one listens on it only seconds later. */
const PORTS = { from: 10_000, to: 32_768 };
/** Each worker of Jest has ports of its own, as none of them is held until it is listened on. */
const MOST_WORKERS = 16;
/** Ports that were told, of which some are listened on by UDP, which the look here does not see. */
const told = new Set<number>();

/** Listens on a free port of 127.0.0.1; once that is closed the port is for whoever was told of it. */
export async function holdFreePort(): Promise<{ readonly port: number; readonly server: Server }> {
  const own = Number(process.env['JEST_WORKER_ID'] ?? 0) % MOST_WORKERS;
  for (;;) {
    const port = PORTS.from + own + MOST_WORKERS * randomInt((PORTS.to - PORTS.from) / MOST_WORKERS);
    if (told.has(port)) continue;
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    told.add(port);
    return { port, server };
  }
}

/** One that is free now. */
export async function findFreePort(): Promise<number> {
  const { port, server } = await holdFreePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
