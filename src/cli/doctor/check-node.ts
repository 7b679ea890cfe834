import { type Finding, fail, ok, warn } from './finding.js';

/** The oldest that labelcast runs on. */
const OLDEST = { major: 20, minor: 19 };
/** Until when a line gets security fixes. */
const ENDS: Readonly<Record<number, string>> = { 20: '2026-04-30', 22: '2027-04-30', 24: '2028-04-30' };
const REMEDY = 'install the current LTS release of Node.js (https://nodejs.org)';

/** `version`: as `process.version`; `platform`: such as linux x64. */
export function checkNode(version: string, platform: string, now: Date): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const text = `Node.js ${version.replace(/^v/, '')} on ${platform}`;
  if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor))
    return fail('node', `${text}: labelcast needs ${OLDEST.major}.${OLDEST.minor} or newer`, REMEDY);
  const end = ENDS[major];
  if (end !== undefined && now > new Date(end))
    return warn('node', `${text}: no security fixes since ${end}`, REMEDY);
  return ok('node', text);
}
