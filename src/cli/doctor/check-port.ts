import { once } from 'node:events';
import { createServer } from 'node:net';
import { toAuthority } from '../../serve/http.js';
import { type Finding, fail, ok } from './finding.js';

/** A service that is busy, as when it loads its model, is late; who speaks no HTTP mostly says so at once. */
const ANSWER_MS = 10_000;
const OTHER = 'choose another http.host or http.port';

/** Whether `serve` can listen there, and if not, whether that is because another one does. */
export async function checkPort(host: string, port: number): Promise<Finding> {
  const address = toAuthority(host, port);
  const server = createServer().listen(port, host);
  const refusal = await once(server, 'listening').then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  if (refusal === null) await new Promise((resolve) => server.close(resolve));
  if (refusal === null) return ok('port', port === 0 ? `${host}, any free port` : `${address} is free`);
  if (refusal === 'EADDRINUSE' && (await isLabelcast(address)))
    return ok(
      'port',
      `${address} is in use by a labelcast that runs: no fault, but no other one can listen there`,
    );
  return toRefusal(refusal, { host, port, address });
}

/** Of a code of Node.js. */
export function toRefusal(
  code: string,
  { host, port, address }: { readonly host: string; readonly port: number; readonly address: string },
): Finding {
  switch (code) {
    case 'EADDRINUSE':
      return fail(
        'port',
        `another program listens on ${address}`,
        `${OTHER}, or end that program (ss -ltnp 'sport = :${port}' names it)`,
      );
    case 'EACCES':
      return fail(
        'port',
        `this user may not listen on ${address}: ports below 1024 are for root`,
        'set http.port to 1024 or above',
      );
    case 'EADDRNOTAVAIL':
      return fail(
        'port',
        `${host} is no address of this machine`,
        'set http.host to 127.0.0.1, or with http.token to 0.0.0.0',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(
        'port',
        `the name ${host} is not known (${code})`,
        'set http.host to an address of this machine',
      );
    default:
      return fail('port', `${address} cannot be listened on: ${code}`, OTHER);
  }
}

/** Whether /healthz and /readyz answer as those of `serve` and `tag` do. */
async function isLabelcast(address: string): Promise<boolean> {
  const base = `http://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`;
  try {
    const [health, readiness] = await Promise.all(
      ['/healthz', '/readyz'].map((path) => readStatus(base + path)),
    );
    return health === 'ok' && (readiness === 'ready' || readiness === 'not ready');
  } catch {
    return false; // it speaks no HTTP, or none of ours
  }
}

async function readStatus(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  return ((await response.json()) as { status?: unknown }).status;
}
