import Database from 'libsql';

export { Database };

/** One connection to an SQLite file, used synchronously. */
export type Connection = Database.Database;
