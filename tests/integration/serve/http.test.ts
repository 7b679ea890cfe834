import '../publish/disposal.js';
import { expect, test } from '@jest/globals';
import { openHttpServer, toAuthority } from '../../../src/serve/http.js';

const TOKEN = 'correct-horse';
const health = {
  notReady: () => ['sink main: Kafka at kafka:9092 cannot be reached'],
  metrics: { text: async () => 'labelcast_up 1\n', contentType: 'text/plain; version=0.0.4' },
};

async function get(port: number, path: string, authorization?: string) {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

test('without the token nothing is told but that it lives and whether it is ready', async () => {
  await using server = await openHttpServer({ host: '127.0.0.1', port: 0, token: TOKEN }, health);
  const wrong = ['Bearer wrong', `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN}x`, 'Bearer', ''];
  for (const authorization of [undefined, ...wrong]) {
    for (const path of ['/metrics', `/metrics?token=${TOKEN}`, '/nothing']) {
      const { status, headers, body } = await get(server.port, path, authorization);
      expect([status, headers.get('content-type')]).toEqual([401, 'application/problem+json']);
      expect(headers.get('www-authenticate')).toBe('Bearer');
      expect(JSON.parse(body)).toEqual({
        type: 'about:blank',
        title: 'Unauthorized',
        status: 401,
        detail: 'send the header "Authorization: Bearer TOKEN" with the http.token of the configuration',
      });
    }
    expect(await get(server.port, '/healthz', authorization)).toMatchObject({
      status: 200,
      body: '{"status":"ok"}\n',
    });
    expect(await get(server.port, '/readyz', authorization)).toMatchObject({
      status: 503,
      body: '{"status":"not ready"}\n',
    });
  }
});

test('with the token everything is told', async () => {
  await using server = await openHttpServer({ host: '127.0.0.1', port: 0, token: TOKEN }, health);
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`]) {
    expect(await get(server.port, '/metrics', authorization)).toMatchObject({
      status: 200,
      body: 'labelcast_up 1\n',
    });
    expect(JSON.parse((await get(server.port, '/readyz', authorization)).body)).toEqual({
      status: 'not ready',
      problems: health.notReady(),
    });
    const { status, body } = await get(server.port, '/nothing', authorization);
    expect([status, JSON.parse(body).detail]).toEqual([404, '/nothing is not served']);
  }
});

test('where no token is set none is asked for', async () => {
  await using server = await openHttpServer({ host: '127.0.0.1', port: 0 }, health);
  expect(await get(server.port, '/metrics')).toMatchObject({ status: 200, body: 'labelcast_up 1\n' });
  expect((await get(server.port, '/readyz')).body).toContain('kafka:9092');
});

test('an address that is taken is told with what to change', async () => {
  await using server = await openHttpServer({ host: '127.0.0.1', port: 0 }, health);
  await expect(openHttpServer({ host: '127.0.0.1', port: server.port }, health)).rejects.toMatchObject({
    message: `http: 127.0.0.1:${server.port} cannot be listened on: another program listens there`,
    remedy: 'choose another http.host or http.port',
  });
});

test('its address is one that a client can use, of IPv6 too', async () => {
  await using server = await openHttpServer({ host: '127.0.0.1', port: 0 }, health);
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  expect(['localhost', '0.0.0.0', '::1', '2001:db8::1'].map((host) => toAuthority(host, 80))).toEqual([
    'localhost:80',
    '0.0.0.0:80',
    '[::1]:80',
    '[2001:db8::1]:80',
  ]);
  // no machine has this one
  await expect(openHttpServer({ host: '2001:db8::1', port: 80 }, health)).rejects.toThrow(
    /^http: \[2001:db8::1\]:80 cannot be listened on: E\w+$/,
  );
});
