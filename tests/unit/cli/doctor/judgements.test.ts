import { expect, test } from '@jest/globals';
import { judgeDisk } from '../../../../src/cli/doctor/check-disks.js';
import { judgeFfmpeg } from '../../../../src/cli/doctor/check-ffmpeg.js';
import { checkNode } from '../../../../src/cli/doctor/check-node.js';
import { toRefusal } from '../../../../src/cli/doctor/check-port.js';
import type { Finding } from '../../../../src/cli/doctor/finding.js';
import { judgeTopics } from '../../../../src/cli/doctor/kafka-topics.js';
import { PublishError } from '../../../../src/errors.js';
import { toTopics } from '../../../../src/events.js';
import type { FfmpegAbilities } from '../../../../src/ingest/ffmpeg-abilities.js';
import type { FfmpegBuild } from '../../../../src/ingest/ffmpeg-build.js';
import type { TopicReview } from '../../../../src/kafka-client.js';
import { toTopicWishes } from '../../../../src/publish/kafka-cleanup.js';

function brief({ status, text }: Finding): string {
  return `${status} ${text}`;
}

test.each([
  ['v20.18.3', '2026-01-01', 'fail', 'needs 20.19 or newer'],
  ['v18.20.0', '2026-01-01', 'fail', 'needs 20.19 or newer'],
  ['v20.20.0', '2026-04-01', 'ok', 'Node.js 20.20.0 on linux x64'],
  ['v20.20.0', '2026-05-02', 'warn', 'no security fixes since 2026-04-30'],
  ['v26.1.0', '2026-05-02', 'ok', 'Node.js 26.1.0'],
])('Node.js %s on %s: %s', (version, day, status, words) => {
  expect(checkNode(version, 'linux x64', new Date(day))).toMatchObject({
    status,
    text: expect.stringContaining(words),
  });
});

const BUILD: FfmpegBuild = {
  path: '/opt/ffmpeg',
  version: '7.1',
  origin: 'PATH',
  warning: null,
  passthrough: [],
  neverGiveUp: [],
  tellsLostConnections: true,
  rtspTimeout: '-timeout',
  anyCertificate: [],
  canToneMap: true,
};
const ABILITIES: FfmpegAbilities = {
  year: 2025,
  accelerators: new Set(),
  decoders: new Set(['h264', 'hevc', 'av1', 'libdav1d', 'vp9', 'mjpeg']),
  demuxers: new Set(['rtsp', 'srt']),
  filters: new Set(['scale', 'select', 'showinfo']),
  protocols: new Set(['https', 'tcp', 'rtmp', 'srt']),
};
const NOW = { year: 2026, schemes: new Set<string>() };

test('an ffmpeg that has everything', () => {
  expect(judgeFfmpeg(BUILD, ABILITIES, NOW).map(brief)).toEqual([
    'ok 7.1 of 2025: /opt/ffmpeg, found on PATH',
    'ok H.264, HEVC, AV1, VP9, MJPEG can be decoded',
    'ok https, RTSP, RTMP, SRT can be opened',
  ]);
});

test('an old one is told its age, and one without the filters of tagging is a fault', () => {
  const old = { ...ABILITIES, year: 2018 };
  expect(brief(judgeFfmpeg(BUILD, old, NOW)[0]!)).toMatch(
    /^warn 7\.1 of 2018, 8 years old: .* may be open in it$/,
  );
  const bare = { ...ABILITIES, filters: new Set(['scale']) };
  expect(brief(judgeFfmpeg(BUILD, bare, NOW)[0]!)).toMatch(
    /^fail .* lacks the filters select, showinfo: nothing/,
  );
  const silent = { ...ABILITIES, year: null };
  expect(brief(judgeFfmpeg(BUILD, silent, NOW)[0]!)).toBe('ok 7.1: /opt/ffmpeg, found on PATH');
});

test.each([
  ['4.4.2-0ubuntu0.22.04.1', true],
  ['4.1.11-0+deb10u1', true],
  ['4.4.1-1~bpo11+1', true],
  ['4.4.1.fc39', true],
  ['4.3.1-4', true],
  ['4.2.2-static', false],
  ['4.3.1-2020-10-01-full_build-www.gyan.dev', false],
  ['n4.4-19-g8d172d9409', false],
  ['N-47683-g0e8eb07980-static', false],
])('an old %s is said to have holes, unless a distribution may mend it', (version, isPackaged) => {
  const { status, text, remedy } = judgeFfmpeg({ ...BUILD, version }, { ...ABILITIES, year: 2021 }, NOW)[0]!;
  expect([status, text.includes('security holes'), remedy]).toEqual([
    'warn',
    !isPackaged,
    expect.stringMatching(
      isPackaged ? /^see whether your distribution still mends it; if not, / : /^install/,
    ),
  ]);
});

test('what an ffmpeg lacks is told by what that means; a subtitle format named srt is no SRT', () => {
  const poor = {
    ...ABILITIES,
    decoders: new Set(['h264', 'av1', 'vp9', 'mjpeg', 'hevc']), // av1 alone needs hardware
    protocols: new Set(['https', 'tcp', 'rtmp']),
  };
  expect(
    judgeFfmpeg({ ...BUILD, canToneMap: false }, poor, NOW)
      .slice(1)
      .map(brief),
  ).toEqual([
    'ok H.264, HEVC, VP9, MJPEG can be decoded',
    'warn this ffmpeg has no AV1: files in AV1 cannot be read',
    'warn this ffmpeg lacks zscale or tonemap: HDR videos are tagged in pale colours, so labels may be missed',
    'ok https, RTSP, RTMP can be opened',
    'warn this ffmpeg has no SRT: SRT streams cannot be watched',
  ]);
});

test('what a stream of the config needs is a fault when it is not there', () => {
  const poor = { ...ABILITIES, protocols: new Set(['https', 'rtmp']), demuxers: new Set(['rtsp']) };
  const schemes = new Set(['rtsps']);
  expect(
    judgeFfmpeg(BUILD, poor, { ...NOW, schemes })
      .slice(2)
      .map(brief),
  ).toEqual([
    'ok https, RTMP can be opened',
    'fail this ffmpeg has no RTSP: RTSP cameras cannot be watched',
    'warn this ffmpeg has no SRT: SRT streams cannot be watched',
  ]);
});

test('a disk with little room is warned about, a full one is a fault', () => {
  const places = [
    { folder: '/data', use: 'journal' },
    { folder: '/tmp', use: 'temporary files' },
    { folder: '/data', use: 'sink file' },
  ];
  expect([5 * 2 ** 30, 300 << 20, 1 << 20].map((bytes) => brief(judgeDisk(places, bytes)))).toEqual([
    'ok 5.0 GiB free in /data (journal, sink file) and /tmp (temporary files)',
    'warn 300 MiB free in /data (journal, sink file) and /tmp (temporary files)',
    'fail 1 MiB free in /data (journal, sink file) and /tmp (temporary files)',
  ]);
});

test.each([
  ['EADDRINUSE', /another program listens on gate:80/, /ss -ltnp 'sport = :80'/],
  ['EACCES', /may not listen on gate:80: ports below 1024/, /http\.port to 1024/],
  ['EADDRNOTAVAIL', /gate is no address of this machine/, /127\.0\.0\.1/],
  ['ENOTFOUND', /the name gate is not known/, /http\.host/],
  ['EMFILE', /gate:80 cannot be listened on: EMFILE/, /http\.port/],
])('a port that cannot be had: %s', (code, text, remedy) => {
  expect(toRefusal(code, { host: 'gate', port: 80, address: 'gate:80' })).toEqual({
    name: 'port',
    status: 'fail',
    text: expect.stringMatching(text),
    remedy: expect.stringMatching(remedy),
  });
});

const WISHES = toTopicWishes(toTopics('p'));
const READ: readonly string[] = ['p.state'];
const AROUND = { wishes: WISHES, broker: 'kafka:9092', partitions: null, user: 'gate', read: READ };

function review(cleanup: string | null, rights: TopicReview['rights'], names = WISHES): TopicReview {
  const there = new Map(
    names.map((wish) => [wish.name, { partitions: 6, cleanup: cleanup ?? wish.cleanup }] as const).reverse(),
  );
  return { there, rights, missing: [], refusal: null };
}

test('topics that are there, with all rights', () => {
  const all = new Map(WISHES.map(({ name }) => [name, new Set(['READ', 'WRITE'] as const)]));
  expect(judgeTopics(review(null, all), AROUND).map(brief)).toEqual([
    'ok topics with partitions: p.labels (6), p.state (6), p.streams (6)',
    'ok gate may write p.labels, p.state, p.streams',
  ]);
});

test('topics with another number of partitions than the configuration states', () => {
  const judged = judgeTopics(review(null, new Map()), { ...AROUND, partitions: 12 });
  expect(judged[1]).toEqual({
    name: 'sink',
    status: 'warn',
    text: 'p.labels has 6, p.state has 6, p.streams has 6 where partitions is 12: they are used as they are',
    remedy: 'leave partitions out, or take another topicPrefix, whose topics are created so',
  });
  expect(judgeTopics(review(null, new Map()), { ...AROUND, partitions: 6 }).map(brief)).toHaveLength(1);
});

test('rights that lack are told by topic; some are read too', () => {
  const some = new Map(
    WISHES.map(({ name }) => [name, new Set(name === 'p.state' ? (['WRITE'] as const) : [])]),
  );
  expect(judgeTopics(review(null, some), AROUND).map(brief).at(-1)).toBe(
    'fail gate lacks WRITE on p.labels, READ on p.state, WRITE on p.streams',
  );
  expect(
    judgeTopics(review(null, some), { ...AROUND, read: [] })
      .map(brief)
      .at(-1),
  ).toBe('fail gate lacks WRITE on p.labels, WRITE on p.streams');
  expect(judgeTopics(review(null, new Map()), AROUND)).toHaveLength(1); // brokers that do not tell
});

test('a cleanup that loses events is a fault, another one that is not wanted a warning', () => {
  expect(judgeTopics(review('compact', new Map()), AROUND).slice(1)).toEqual([
    {
      name: 'sink',
      status: 'fail',
      text: 'p.labels has cleanup.policy=compact where delete is wanted: only the last event of each stream would stay',
      remedy: expect.stringMatching(
        /^kafka-configs\.sh --bootstrap-server kafka:9092 .* --entity-name p\.labels/,
      ),
    },
  ]);
  expect(judgeTopics(review('delete', new Map()), AROUND).slice(1).map(brief)).toEqual([
    'warn p.state has cleanup.policy=delete where compact is wanted, so it may lack the last record of a key',
    'warn p.streams has cleanup.policy=delete where compact is wanted, so it may lack the last record of a key',
  ]);
});

test('topics that are missing may be created, or why not', () => {
  const none = { there: new Map(), rights: new Map(), missing: ['p.labels'], refusal: null };
  expect(judgeTopics(none, AROUND).map(brief)).toEqual([
    'ok p.labels: not there yet, may be created; whether they may be written shows then',
  ]);
  const refusal = new PublishError('cannot create p.labels', { remedy: 'grant it' });
  expect(judgeTopics({ ...none, refusal }, AROUND)).toEqual([
    { name: 'sink', status: 'fail', text: 'cannot create p.labels', remedy: 'grant it' },
  ]);
});
