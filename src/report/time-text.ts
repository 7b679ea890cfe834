/** Media time as people read it: `0:03.2` below an hour, `1:02:03.4` above; `decimals` of a second, 0 to 3. */
export function toTimeText(ms: number, decimals = 1): string {
  const scale = 10 ** decimals;
  const units = Math.round((ms / 1000) * scale);
  const seconds = Math.floor(units / scale);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = decimals === 0 ? '' : `.${String(units % scale).padStart(decimals, '0')}`;
  const tail = `${String(s).padStart(2, '0')}${fraction}`;
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${tail}` : `${m}:${tail}`;
}

/** How long something lasts: `3.2 s`, `1 min 05 s`, `2 h 07 min`. */
export function toLengthText(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** The same where there is little room: `3.2 s`, `14.5 min`, `2.1 h`. */
export function toShortLengthText(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 59.95 * 60_000 ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** A time on the wall, where the reader is: `14:05:09.5`. */
export function toWallText(utcMs: number, decimals = 1): string {
  const scale = 10 ** decimals;
  const at = new Date(Math.round((utcMs / 1000) * scale) * (1000 / scale));
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  return decimals === 0
    ? time
    : `${time}.${String(at.getMilliseconds()).padStart(3, '0').slice(0, decimals)}`;
}

/** A day and a time, where the reader is: `5 Jan 2026, 14:05`. */
export function toDateText(utcMs: number): string {
  const at = new Date(utcMs);
  return `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}, ${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** A day in short, where the reader is: `5 Jan`. */
export function toDayText(utcMs: number): string {
  const at = new Date(utcMs);
  return `${at.getDate()} ${MONTHS[at.getMonth()]}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
