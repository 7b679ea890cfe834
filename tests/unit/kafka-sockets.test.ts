import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { KafkaSockets } from '../../src/kafka-sockets.js';

/** Longer than a busy machine lets an answer lie that has come. */
const ANSWER_MS = 2000;
const servers: Server[] = [];
const accepted: Socket[] = [];

afterEach(() => {
  for (const socket of accepted.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** A broker that says this to everybody who connects; resolves to its port. */
async function listen(greeting: string): Promise<number> {
  const server = createServer((socket) => {
    accepted.push(socket);
    if (greeting !== '') socket.write(greeting);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function connect(sockets: KafkaSockets, port: number): Socket {
  return sockets.connect({ host: '127.0.0.1', port, ssl: null, onConnect: () => {} });
}

test('a broker that gives no first answer loses its connections and gets none for a while; another one does', async () => {
  const [mute, well] = [await listen(''), await listen('hello')];
  const sockets = new KafkaSockets(ANSWER_MS);
  const first = connect(sockets, mute);
  const second = connect(sockets, mute);
  await Promise.all([once(first, 'close'), once(second, 'close')]);
  await expect(once(connect(sockets, mute), 'close')).rejects.toThrow(
    `127.0.0.1:${mute} timed out a moment ago`,
  );
  const [said] = (await once(connect(sockets, well), 'data')) as [Buffer];
  expect(said.toString()).toBe('hello');
  sockets.close();
});

test('a broker that is left loses its connections, whatever it said before; another one keeps them', async () => {
  const [left, kept] = [await listen('hello'), await listen('hello')];
  const sockets = new KafkaSockets(ANSWER_MS);
  const lost = connect(sockets, left);
  const open = connect(sockets, kept);
  await Promise.all([once(lost, 'data'), once(open, 'data')]);
  sockets.leave(`127.0.0.1:${left}`);
  await once(lost, 'close');
  expect(open.destroyed).toBe(false);
  await expect(once(connect(sockets, left), 'close')).rejects.toThrow('timed out a moment ago');
  sockets.close();
  expect(open.destroyed).toBe(true);
});
