import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkTls } from '../../src/kafka-certificates.js';
import { Authority, type Certificate } from '../services/certificates.js';

let authority: Authority;
let own: Certificate;

beforeAll(async () => {
  authority = await Authority.open();
  own = await authority.sign('labelcast', 'DNS:labelcast');
});
afterAll(() => authority?.close());

// of 256 wrong passphrases one leaves a padding that looks right, and then OpenSSL has other codes for what is no key
test('every wrong passphrase is called wrong, and the right one opens the key', () => {
  const passphrase = 'open sesame';
  const cipher = 'aes-256-cbc';
  const key = createPrivateKey(own.key).export({ type: 'pkcs8', format: 'pem', cipher, passphrase });
  const ssl = { cert: own.cert, key: String(key) };
  const codes = new Set<unknown>();
  const said = new Set<string>();
  // the key is another one each time, and 1500 guesses may all be of the common kind
  for (let n = 0; n < 1500 || (codes.size < 2 && n < 20_000); n++) {
    try {
      checkTls({ ...ssl, passphrase: `guess ${n}` });
      said.add('taken');
    } catch (error) {
      codes.add(Reflect.get((error as Error).cause as object, 'code'));
      said.add(String(error));
    }
  }
  expect(codes.size).toBeGreaterThan(1);
  expect(said).toEqual(new Set(['PublishError: ssl.passphrase of the sink does not open ssl.key']));
  expect(() => checkTls({ ...ssl, passphrase })).not.toThrow();
});
