/** The system's code of an error (`ENOENT`, `ECONNREFUSED`), of its own or of its cause; null when it has none. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? errorCode(error.cause) : null;
}
