// The process that owns ONNX Runtime: it can crash, hang or be replaced while streams keep running.
import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { serveTagger } from './tagger-server.js';
import { PIXELS_FD } from './tagger-messages.js';

// Decoding one file cannot be spread over cores while inference can, so decoders come first when cores are short: 88 → 95
// frames/s on two cores. For cameras it is right too: a late frame can be dropped, a lost packet damages many.
setPriority(10);
serveTagger(new Socket({ fd: PIXELS_FD, readable: true, writable: false }));
