// The process that owns ONNX Runtime: it can crash, hang or be replaced while streams keep running.
import { Socket } from 'node:net';
import { serveTagger } from './tagger-server.js';
import { PIXELS_FD } from './tagger-messages.js';

serveTagger(new Socket({ fd: PIXELS_FD, readable: true, writable: false }));
