/** The flags of `labelcast journal info`. */
export interface InfoFlags {
  readonly config?: string;
  readonly json?: boolean;
}

/** The flags of `labelcast journal backup`. */
export interface BackupFlags {
  readonly config?: string;
  readonly force?: boolean;
}

/** The flags of `labelcast journal purge`. */
export interface PurgeFlags {
  readonly config?: string;
  readonly retainDays?: number;
  readonly retainScoresHours?: number;
  readonly dryRun?: boolean;
}

/** The flags of `labelcast journal migrate`. */
export interface MigrateFlags {
  readonly config?: string;
}

/** The flags of `labelcast journal skip`. */
export interface SkipFlags {
  readonly config?: string;
  readonly sink: string;
  readonly reason?: string;
}

/** The flags of `labelcast journal rewind`; `to`: milliseconds since 1970. */
export interface RewindFlags {
  readonly config?: string;
  readonly sink: string;
  readonly to: number;
}
