import { InvalidArgumentError } from 'commander';

/** Frames per second. */
export function toFps(text: string): number {
  const fps = Number(text);
  if (!(fps > 0 && fps <= 120)) throw new InvalidArgumentError('It must be above 0 and at most 120.');
  return fps;
}

/** Seconds of a number, at most a day. */
export function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= 86_400))
    throw new InvalidArgumentError('It must be seconds, at most a day.');
  return seconds;
}

/** Days, as of journal.retainDays. */
export function toDays(text: string): number {
  const days = Number(text);
  if (!(days > 0 && days <= 36_500)) throw new InvalidArgumentError('It must be days, above 0.');
  return days;
}

/** Hours, as of journal.retainScoresHours. */
export function toHours(text: string): number {
  const hours = Number(text);
  if (!(hours > 0 && hours <= 876_000)) throw new InvalidArgumentError('It must be hours, above 0.');
  return hours;
}

/** A TCP port; 0: any free one. */
export function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be 0 to 65535.');
  return port;
}

/** HOST:PORT of each of several brokers. */
export function toBrokers(text: string): string[] {
  const brokers = text.split(',').map((broker) => broker.trim());
  if (!brokers.every((broker) => /^\S+:\d{1,5}$/.test(broker)))
    throw new InvalidArgumentError('Write HOST:PORT, several separated by commas.');
  return brokers;
}

/** Seconds of `90`, `90s`, `10m` or `2h`. */
export function toDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const seconds = match === null ? 0 : Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] ?? 's']!;
  if (seconds > 0 && seconds <= 365 * 86_400) return seconds;
  throw new InvalidArgumentError('Write it as 30, 90s, 10m or 2h.');
}

/** A moment: `10m`, `2h` or `3d` ago, or a date and time, local unless it names its zone: `2026-01-05T10:00:00Z`. */
export function toPast(text: string): Date {
  const isDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i.test(text);
  const local = text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T');
  const ms = toAgo(text) ?? (isDate && isDay(text.slice(0, 10)) ? Date.parse(local) : Number.NaN);
  if (Number.isNaN(new Date(ms).getTime()))
    throw new InvalidArgumentError('Write it as 10m, 2h or 3d (ago), or as 2026-01-05T10:00:00Z.');
  return new Date(ms);
}

/** Milliseconds since 1970 of `10m`, `2h` or `3d` ago; null: it is no length. */
function toAgo(text: string): number | null {
  const ago = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
  const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
  return ago && Date.now() - Number(ago[1]) * units[ago[2] as keyof typeof units] * 1000;
}

/** Whether there is such a date: `Date` takes 2026-02-30 for a day in March. */
function isDay(date: string): boolean {
  const ms = Date.parse(`${date}T00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/** A score from 0 to 1. */
export function toScore(text: string): number {
  const score = Number(text);
  if (text.trim() === '' || !(score >= 0 && score <= 1)) throw new InvalidArgumentError('It must be 0 to 1.');
  return score;
}

/** Milliseconds of a time in a video: `75`, `1:15` or `0:01:15.5`. */
export function toMoment(text: string): number {
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write it as 75, 1:15 or 0:01:15.5.');
  const [, hours = '0', minutes = '0', seconds] = match;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}

/** Milliseconds since 1970 of `10m`, `2h` or `3d` ago, of a date, UTC, or of a time with its zone, RFC 3339. */
export function toUtc(text: string): number {
  const isWhole = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i.test(text);
  const ms =
    toAgo(text) ?? (isWhole && isDay(text.slice(0, 10)) ? Date.parse(text.toUpperCase()) : Number.NaN);
  if (Number.isNaN(new Date(ms).getTime()))
    throw new InvalidArgumentError(
      'Write it as 2026-01-05T10:00:00Z, 2026-01-05 (UTC), or 10m, 2h or 3d (ago).',
    );
  return ms;
}

/** Names separated by commas. */
export function toNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is empty.');
  return names;
}

/** Names separated by commas, of an option that may be repeated. */
export function toMoreNames(text: string, before: readonly string[] = []): string[] {
  return [...before, ...toNames(text)];
}

/** One value, of an option that may be repeated. */
export function toList(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
