import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { toPackets } from './rtp.js';

/** Who watches a small camera. */
export interface Viewer {
  readonly isGone: boolean;
  /** Sends one picture, its NAL units in order, at a time in ticks of 1/90000 s. */
  send(picture: readonly Uint8Array[], ticks: number): void;
  /** Sends bytes as they are. */
  raw(bytes: Buffer): void;
  /** Cuts the connection. */
  hangUp(): void;
}

/** A camera in this process, for faults that a real server does not have. */
export interface Camera extends AsyncDisposable {
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: number;
}

/** `play`: what a viewer gets once it asked to play; null: connections are accepted and nothing is ever answered. */
export async function openCamera(play: ((viewer: Viewer) => void) | null): Promise<Camera> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (play === null) socket.resume();
    else answer(socket, play);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${port}/cam`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=camera',
  'c=IN IP4 0.0.0.0',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1',
  'a=control:video',
  '',
].join('\r\n');

function answer(socket: Socket, play: (viewer: Viewer) => void): void {
  let method = '';
  // Only the method and the number of a request matter. What a player sends between packets is no line.
  const lines = createInterface({ input: socket });
  lines.on('error', () => socket.destroy());
  lines.on('line', (line) => {
    method = /^\W*([A-Z_]+) rtsp:/.exec(line)?.[1] ?? method;
    const number = /^CSeq: *(\d+)/i.exec(line)?.[1];
    if (number === undefined || socket.destroyed) return;
    socket.write(toResponse(method, number));
    if (method === 'PLAY') play(toViewer(socket));
  });
}

function toResponse(method: string, number: string): string {
  const head = `RTSP/1.0 200 OK\r\nCSeq: ${number}\r\nSession: 1\r\n`;
  if (method === 'OPTIONS') return `${head}Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n`;
  if (method === 'DESCRIBE') {
    return `${head}Content-Type: application/sdp\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`;
  }
  if (method === 'SETUP') return `${head}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n`;
  return `${head}\r\n`;
}

function toViewer(socket: Socket): Viewer {
  let sequence = 0;
  return {
    get isGone() {
      return socket.destroyed;
    },
    send(picture, ticks) {
      if (socket.destroyed) return;
      const packets = toPackets(picture, { sequence, ticks });
      sequence += packets.length;
      for (const packet of packets) {
        const frame = Buffer.from([0x24, 0, packet.length >> 8, packet.length & 255]);
        socket.write(Buffer.concat([frame, packet]));
      }
    },
    raw: (bytes) => void (socket.destroyed || socket.write(bytes)),
    hangUp: () => void socket.destroy(),
  };
}
