import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's; `CHROMIUM` names another. */
const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...QUIET];

/** For whatever is waited for: a busy machine is slow. */
const PATIENCE_MS = 120_000;

/** What a page asked for and complained about since it was opened. */
export interface PageLog {
  readonly requests: string[];
  /** Errors on its console, and errors that nothing caught. */
  readonly problems: string[];
}

/** A real Chromium, without a window. */
export interface Chromium extends AsyncDisposable {
  /** An empty page in a profile of its own; times are UTC. */
  openPage(options?: BrowserContextOptions): Promise<{ page: Page; log: PageLog }>;
}

/** Starts Chromium; it ends when closed, and with this process. */
export async function openChromium(): Promise<Chromium> {
  const browser = await chromium.launch({ executablePath: PROGRAM, args: FLAGS, timeout: PATIENCE_MS });
  return {
    async openPage(options = {}) {
      const viewport = { width: 1280, height: 900 };
      const context = await browser.newContext({ viewport, locale: 'en-GB', timezoneId: 'UTC', ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const log: PageLog = { requests: [], problems: [] };
      page.on('request', (request) => log.requests.push(request.url().slice(0, 200)));
      page.on('pageerror', (error) => log.problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') log.problems.push(message.text());
      });
      return { page, log };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
