import { type Server, STATUS_CODES } from 'node:http';
import { isIP } from 'node:net';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { ConfigError } from '../errors.js';
import { isAuthorized } from './bearer-token.js';

/** What the routes show. */
export interface Health {
  /** What keeps the service from being ready, in words; empty: nothing. */
  notReady(): readonly string[];
  readonly metrics: {
    text(): Promise<string>;
    readonly contentType: string;
  };
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number;
  /** `http://HOST:PORT`, as clients on this machine write it. */
  readonly url: string;
}

interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** What everyone must bring who asks for more than /healthz and the status of /readyz; none: nobody must. */
  readonly token?: string | undefined;
}

/** Serves /healthz, /readyz and /metrics. Throws ConfigError when the address cannot be listened on. */
export async function openHttpServer(
  { host, port, token }: HttpOptions,
  health: Health,
): Promise<HttpServer> {
  const isKnown = (context: Context): boolean => isAuthorized(context.req.header('authorization'), token);
  const app = new Hono();
  app.get('/healthz', () => toLine({ status: 'ok' }));
  app.get('/readyz', (context) => {
    const problems = health.notReady();
    const status = problems.length === 0 ? 'ready' : 'not ready';
    // names of sinks and brokers are for those who may know them
    return toLine(isKnown(context) ? { status, problems } : { status }, problems.length === 0 ? 200 : 503);
  });
  app.use(async (context, next) =>
    isKnown(context) ? next() : toProblem(401, WITHOUT_TOKEN, { 'www-authenticate': 'Bearer' }),
  );
  app.get('/metrics', async (context) =>
    context.body(await health.metrics.text(), 200, { 'content-type': health.metrics.contentType }),
  );
  app.notFound((context) => toProblem(404, `${context.req.path} is not served`));
  const server = serve({ fetch: app.fetch, hostname: host, port }) as Server;
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('listening', () => resolve((server.address() as { port: number }).port));
    server.once('error', (error: NodeJS.ErrnoException) => reject(toConfigError(error, host, port)));
  });
  return {
    port: bound,
    url: `http://${toAuthority(host, bound)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const WITHOUT_TOKEN =
  'send the header "Authorization: Bearer TOKEN" with the http.token of the configuration';

/** JSON that leaves the prompt of who asks with curl where it belongs. */
function toLine(body: object, status = 200): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

/** RFC 9457. */
function toProblem(status: 401 | 404, detail: string, headers: Record<string, string> = {}): Response {
  const title = STATUS_CODES[status];
  return Response.json(
    { type: 'about:blank', title, status, detail },
    { status, headers: { 'content-type': 'application/problem+json', ...headers } },
  );
}

function toConfigError(error: NodeJS.ErrnoException, host: string, port: number): ConfigError {
  const why = error.code === 'EADDRINUSE' ? 'another program listens there' : (error.code ?? error.message);
  return new ConfigError(`http: ${toAuthority(host, port)} cannot be listened on: ${why}`, [], {
    remedy: 'choose another http.host or http.port',
    cause: error,
  });
}

/** HOST:PORT of a URL, an IPv6 address in brackets. */
export function toAuthority(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
