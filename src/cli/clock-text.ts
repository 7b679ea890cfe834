/** Media time as people read it: `0:03.2` below an hour, `1:02:03.4` above; tenths of a second. */
export function toClockText(ms: number): string {
  const tenths = Math.round(ms / 100);
  const tail = `.${tenths % 10}`;
  return `${toWhole(Math.floor(tenths / 10))}${tail}`;
}

/** Time that is left or has passed: `0:03`, `1:02:03`. */
export function toSpanText(ms: number): string {
  return toWhole(Math.max(0, Math.round(ms / 1000)));
}

/** A length as people say it: `3.2 s`, `2 min 05 s`, `1 h 02 min`. */
export function toLengthText(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** Local time of day of a UTC time in milliseconds: `10:00:03`; with the day, `01-05 10:00:03`, when that is wanted. */
export function toTimeOfDay(utcMs: number, hasDay = false): string {
  const at = new Date(utcMs);
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
  return hasDay ? `${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())} ${time}` : time;
}

/** Whether two UTC times lie in one local day. */
export function isSameDay(aMs: number, bMs: number): boolean {
  return new Date(aMs).toDateString() === new Date(bMs).toDateString();
}

/** The zone of local times: `Europe/Berlin, UTC+01:00`. */
export function toZoneText(utcMs: number): string {
  const minutes = -new Date(utcMs).getTimezoneOffset();
  const [h, m] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const offset = `UTC${minutes < 0 ? '-' : '+'}${twoDigits(h)}:${twoDigits(m)}`;
  const name = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name === 'UTC' ? 'UTC' : `${name}, ${offset}`;
}

function toWhole(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
