import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { ConfigError } from '../errors.js';

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
}

/** Serves /healthz, /readyz and /metrics. Throws ConfigError when the address cannot be listened on. */
export async function openHttpServer(
  { host, port }: { readonly host: string; readonly port: number; readonly token?: string | undefined },
  health: Health,
): Promise<HttpServer> {
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', (context) => {
    const problems = health.notReady();
    return context.json(
      { status: problems.length === 0 ? 'ready' : 'not ready', problems },
      problems.length === 0 ? 200 : 503,
    );
  });
  app.get('/metrics', async (context) =>
    context.body(await health.metrics.text(), 200, { 'content-type': health.metrics.contentType }),
  );
  app.notFound((context) =>
    context.json(
      { type: 'about:blank', title: 'Not Found', status: 404, detail: `${context.req.path} is not served` },
      404,
      {
        'content-type': 'application/problem+json',
      },
    ),
  );
  const server = serve({ fetch: app.fetch, hostname: host, port }) as Server;
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('listening', () => resolve((server.address() as { port: number }).port));
    server.once('error', (error: NodeJS.ErrnoException) => reject(toConfigError(error, host, port)));
  });
  return {
    port: bound,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toConfigError(error: NodeJS.ErrnoException, host: string, port: number): ConfigError {
  const why = error.code === 'EADDRINUSE' ? 'another program listens there' : (error.code ?? error.message);
  return new ConfigError(`http: ${host}:${port} cannot be listened on: ${why}`, [], {
    remedy: 'choose another http.host or http.port',
    cause: error,
  });
}
