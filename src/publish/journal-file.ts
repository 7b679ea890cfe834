/** A journal's file; `setting`: where the user names it, `--journal` or `journal.path`; null: as the argument of a command. */
export interface JournalFile {
  readonly path: string;
  readonly setting: string | null;
}

/** Where to name another file, behind the words that say so. */
export function withSetting({ setting }: Pick<JournalFile, 'setting'>): string {
  return setting === null ? '' : ` with ${setting}`;
}
