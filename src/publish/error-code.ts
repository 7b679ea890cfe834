/** The code of a system or SQLite error (`ENOSPC`, `SQLITE_FULL`); otherwise the error as text. */
export function toErrorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code !== '' ? code : String(error);
}
