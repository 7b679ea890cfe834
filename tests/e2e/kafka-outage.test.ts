import '../integration/publish/disposal.js';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type KafkaCluster, startKafka } from '../services/kafka.js';
import { NOTHING_WRONG } from '../services/kafka-accounts.js';
import { BATCH_EVENTS } from '../services/kafka-copies.js';
import { outlast } from '../services/kafka-outage.js';
import { KafkaProxy } from '../services/kafka-proxy.js';
import { makeCameraClip, openRtspServer, type RtspServer } from '../services/rtsp.js';
import { createFolder } from './clips.js';

jest.setTimeout(600_000); // these take minutes on a busy machine

/** Long enough for more events than a few batches, of cameras that are tagged. */
const OUTAGE_SECONDS = 30;
const folder = createFolder();
let kafka: KafkaCluster;
/** Nothing gets through while this process gets no time to look at it: no backlog is gone before it was seen. */
let proxy: KafkaProxy;
let camera: RtspServer;

beforeAll(async () => {
  proxy = await KafkaProxy.open();
  kafka = await startKafka({ properties: { 'advertised.listeners': `PLAINTEXT://${proxy.address}` } });
  proxy.target = kafka.bootstrap[0]!;
  camera = await openRtspServer({ mounts: { '/cam': await makeCameraClip() } });
});
afterAll(async () => {
  await camera?.[Symbol.asyncDispose]();
  proxy?.close();
  await kafka?.stop();
  folder.remove();
});

test('cameras lose nothing while the broker is away; kill -9 meanwhile and just after repeats a batch at most, no kill nothing', async () => {
  const { killed, spared } = await outlast(kafka, {
    cameraUrl: camera.url('/cam'),
    brokers: [proxy.address],
    folder: folder.path,
    outageSeconds: OUTAGE_SECONDS,
    killsInOutage: 2,
    killsWhileCatchingUp: 3,
  });
  for (const { status, accounts, unexplained } of [killed, spared]) {
    expect(status).toBe(143);
    expect(accounts).toMatchObject(NOTHING_WRONG);
    expect(unexplained).toBe(0);
  }
  expect(spared.accounts.copies).toBe(0);
  expect(killed.accounts.copies).toBeLessThanOrEqual(killed.kills.length * BATCH_EVENTS);
  // that it was put to the test: both kinds of kill found events waiting, the later ones after some had got through
  const [first, second, ...late] = killed.kills;
  expect([first?.moment, second?.moment, late[0]?.moment]).toEqual(['outage', 'outage', 'catching up']);
  expect(second!.delivered).toBe(first!.delivered);
  expect(late[0]!.delivered).toBeGreaterThan(second!.delivered);
  for (const kill of killed.kills) expect(kill.committed).toBeGreaterThan(kill.delivered);
  expect(spared.peakPending).toBeGreaterThan(BATCH_EVENTS);
});
