/** Marks an SQLite file as a labelcast journal ("LCJ1"). */
export const APPLICATION_ID = 0x4c_43_4a_31;

/**
 * What makes a journal of `user_version` n one of n + 1, for each n; never changed once released, only added to.
 * Positions are never used again, because sinks remember them (AUTOINCREMENT).
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE epochs (
     epoch TEXT PRIMARY KEY,
     identity TEXT NOT NULL,
     checkpoint TEXT,
     last_sequence INTEGER NOT NULL DEFAULT 0,
     finished TEXT
   ) STRICT;
   CREATE TABLE events (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     epoch TEXT,
     sequence INTEGER,
     id TEXT NOT NULL UNIQUE,
     committed_ms INTEGER NOT NULL,
     json TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_by_epoch ON events (epoch);
   CREATE TABLE segments (
     segment_id TEXT PRIMARY KEY,
     stream_id TEXT NOT NULL,
     epoch TEXT NOT NULL,
     label TEXT NOT NULL,
     start_ms INTEGER NOT NULL,
     end_ms INTEGER,
     start_reason TEXT NOT NULL,
     end_reason TEXT,
     peak REAL NOT NULL,
     mean REAL NOT NULL,
     observed INTEGER NOT NULL,
     expected INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX segments_by_epoch ON segments (epoch, start_ms, label);
   CREATE TABLE scores (
     epoch TEXT NOT NULL,
     minute INTEGER NOT NULL,
     block BLOB NOT NULL,
     PRIMARY KEY (epoch, minute)
   ) STRICT;
   CREATE TABLE sinks (
     name TEXT PRIMARY KEY,
     position INTEGER NOT NULL,
     cursor TEXT NOT NULL
   ) STRICT;`,
  `CREATE INDEX epochs_by_stream ON epochs (identity ->> 'streamId');`,
  // what is removed with age: the first number still held of an epoch, and from when on it is held whole
  `ALTER TABLE epochs ADD COLUMN first_sequence INTEGER NOT NULL DEFAULT 1;
   ALTER TABLE epochs ADD COLUMN whole_from_ms INTEGER;
   CREATE INDEX states_by_epoch ON events (epoch) WHERE sequence IS NULL;
   CREATE INDEX live_epochs ON epochs (epoch) WHERE identity ->> 'kind' = 'live';
   CREATE TABLE skips (
     sink TEXT NOT NULL,
     position INTEGER NOT NULL,
     json TEXT,
     PRIMARY KEY (sink, position)
   ) STRICT;
   CREATE TABLE retention (
     only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
     trusted_ms INTEGER,
     doubted_for_ms INTEGER NOT NULL DEFAULT 0,
     removed_to INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   INSERT INTO retention (only_row) VALUES (1);`,
  // by which a journal and its copies are told from others
  `CREATE TABLE identity (
     only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
     id TEXT NOT NULL
   ) STRICT;
   INSERT INTO identity VALUES (1, lower(hex(randomblob(16))));`,
];
