import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const SETTINGS = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`;
/** As openssl writes times. */
const YEARS = {
  past: ['200101000000Z', '200201000000Z'],
  present: ['200101000000Z', '490101000000Z'],
} as const;

/** PEM texts; `file` holds both, as a broker takes them. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly file: string;
}

/** An authority of its own, which signs what it is asked to; `close` removes all its files. */
export class Authority {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Authority> {
    const folder = mkdtempSync(join(tmpdir(), 'labelcast-authority-'));
    writeFileSync(join(folder, 'openssl.cnf'), SETTINGS);
    writeFileSync(join(folder, 'index.txt'), '');
    const files = ['-keyout', 'ca-key.pem', '-out', 'ca.pem'];
    await run('openssl', ['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', '/CN=tests', ...files], {
      cwd: folder,
    });
    return new Authority(folder);
  }

  /** Where its own certificate lies. */
  get file(): string {
    return join(this.#folder, 'ca.pem');
  }

  /** PEM of its own certificate. */
  get cert(): string {
    return readFileSync(this.file, 'utf8');
  }

  /** `names`: as in subjectAltName. `when`: it is valid now, or has expired years ago. */
  async sign(name: string, names: string, when: keyof typeof YEARS = 'present'): Promise<Certificate> {
    const cwd = join(this.#folder, name);
    mkdirSync(cwd);
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`];
    await run('openssl', ['req', ...NEW_KEY, ...subject, '-keyout', 'key.pem', '-out', 'request.pem'], {
      cwd,
    });
    const [from, to] = YEARS[when];
    const own = ['-config', 'openssl.cnf', '-cert', 'ca.pem', '-keyfile', 'ca-key.pem'];
    const wish = ['-in', join(cwd, 'request.pem'), '-out', join(cwd, 'cert.pem')];
    await run('openssl', ['ca', '-batch', '-notext', ...own, '-startdate', from, '-enddate', to, ...wish], {
      cwd: this.#folder,
    });
    const [key, cert] = ['key.pem', 'cert.pem'].map((file) => readFileSync(join(cwd, file), 'utf8'));
    const file = join(cwd, 'both.pem');
    writeFileSync(file, key! + cert!);
    return { cert: cert!, key: key!, file };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
