// The process that owns ONNX Runtime: it can crash, hang or be replaced while streams keep running.
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { setPriority } from 'node:os';
import { serveTagger } from './tagger-server.js';
import { PIXELS_FD } from './tagger-messages.js';

// Decoding one file cannot be spread over cores while inference can, so decoders come first when cores are short: 88 → 95
// frames/s on two cores. For cameras it is right too: a late frame can be dropped, a lost packet damages many.
setPriority(10);

serveTagger((reader) => {
  const options: SocketConstructorOpts & ConnectOpts = {
    fd: PIXELS_FD,
    readable: true,
    writable: false,
    // no chunk of the stream's own, to be copied and collected again
    onread: {
      buffer: () => reader.target,
      callback: (bytes) => {
        reader.filled(bytes);
        return true;
      },
    },
  };
  return new Socket(options);
});
