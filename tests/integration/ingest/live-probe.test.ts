import '../publish/disposal.js';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readLiveUrl } from '../../../src/ingest/live-location.js';
import { probeFile, probeLive } from '../../../src/ingest/probe.js';
import { openCamera } from '../../services/camera.js';
import { makeCameraClip, openRtspServer } from '../../services/rtsp.js';
import { toSource } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { ffmpegChildren } from './live-watch.js';

const builds = await findTestBuilds();
const never = new AbortController().signal;
const video = {
  codec: 'h264',
  width: 640,
  height: 360,
  fps: 15,
  rotation: 0,
  pixelFormat: 'yuv420p',
  isHdr: false,
};

describe.each(Object.entries(builds))('with the %s ffmpeg', (_name, build) => {
  test('a camera is described, and a wrong password named', async () => {
    const mounts = { '/cam': await makeCameraClip() };
    await using server = await openRtspServer({ mounts, user: 'admin', password: 'right' });
    const options = { build, hardware: null, timeoutMs: 60_000 };
    const found = await probeLive(readLiveUrl(server.url('/cam')), options, never);
    expect(found).toMatchObject({ kind: 'live', format: 'rtsp', video, durationMs: null });
    expect(found.name).toBe(`rtsp://127.0.0.1:${server.port}/cam`);
    expect(found.firstFrameAfterMs).toBeGreaterThan(0);
    const wrong = readLiveUrl(server.url('/cam').replace('right', 'wrong'));
    await expect(probeLive(wrong, options, never)).rejects.toMatchObject({ streamCause: 'auth' });
    expect(ffmpegChildren()).toEqual([]);
  });

  test('a server that never answers is waited for no longer than asked', async () => {
    await using camera = await openCamera(null);
    const options = { build, hardware: null, timeoutMs: 1000 };
    await expect(probeLive(readLiveUrl(camera.url), options, never)).rejects.toMatchObject({
      streamCause: 'timeout',
      message: expect.stringContaining('does not answer (for 1 s)'),
    });
    expect(ffmpegChildren()).toEqual([]);
  });

  test('a file is described with its length', async () => {
    const source = await toSource(join(process.cwd(), 'demo/demo.mp4'));
    expect(await probeFile(source, { build, hardware: null }, never)).toMatchObject({
      kind: 'file',
      durationMs: 19e3,
      warning: null,
      decoder: 'software',
      decoderNote: null,
      video: {
        ...video,
        width: 960,
        height: 540,
        fps: 30,
      },
    });
  });
});
