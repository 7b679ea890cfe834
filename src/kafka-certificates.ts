import { createPrivateKey, X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import { PublishError } from './errors.js';

/** As under `ssl` of a sink: PEM texts, and what opens the key. */
export interface KafkaTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
}

/** Throws PublishError when these certificates or keys cannot be used. */
export function checkTls(ssl: KafkaTls): void {
  if ((ssl.cert === undefined) !== (ssl.key === undefined))
    throw new PublishError(`ssl.${ssl.cert === undefined ? 'key' : 'cert'} of the sink is alone`, {
      remedy: 'set ssl.cert and ssl.key, which a client certificate needs, or neither',
    });
  try {
    tls.createSecureContext(ssl);
    // a CA that is no PEM is taken without a word, and then nothing is trusted
    if (ssl.ca !== undefined) new X509Certificate(ssl.ca);
  } catch (cause) {
    const [message, remedy] = toProblem(String(Reflect.get(cause as object, 'code')), ssl);
    throw new PublishError(message, { remedy, cause });
  }
}

/** Not told by an error code: one wrong passphrase in 256 leaves a padding that looks right, and then no key. */
function opens(key: string, passphrase: string): boolean {
  try {
    createPrivateKey({ key, passphrase });
    return true;
  } catch {
    return false;
  }
}

function toProblem(code: string, { key, passphrase }: KafkaTls): readonly [message: string, remedy: string] {
  if (passphrase !== undefined && key !== undefined && key.includes('ENCRYPTED') && !opens(key, passphrase))
    return ['ssl.passphrase of the sink does not open ssl.key', 'check what it was encrypted with'];
  if (code.endsWith('BAD_DECRYPT'))
    return ['ssl.key of the sink is encrypted', 'set ssl.passphrase, as in ${file:/run/secrets/passphrase}'];
  if (code.endsWith('MISMATCH'))
    return [
      'ssl.cert and ssl.key of the sink do not belong together',
      'give the key that the certificate was made for',
    ];
  return [
    'the certificates or the key under ssl of the sink cannot be read',
    'ssl.ca, ssl.cert and ssl.key are PEM texts, as in ${file:/etc/labelcast/ca.pem}',
  ];
}
