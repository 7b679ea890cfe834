import type { Connection } from './sqlite.js';

interface Statement {
  run(parameters: unknown[]): unknown;
  get(parameters: unknown[]): unknown;
  all(parameters: unknown[]): unknown[];
}

/**
 * Statements on one connection, each prepared once. Parameters are always bound as one list: libsql takes a single Buffer
 * for named parameters and ends the process.
 */
export class PreparedStatements {
  readonly #database: Connection;
  readonly #prepared = new Map<string, Statement>();

  constructor(database: Connection) {
    this.#database = database;
  }

  run(sql: string, parameters: readonly unknown[]): void {
    this.#prepare(sql).run([...parameters]);
  }

  get<Row>(sql: string, parameters: readonly unknown[]): Row | undefined {
    return this.#prepare(sql).get([...parameters]) as Row | undefined;
  }

  all<Row>(sql: string, parameters: readonly unknown[]): Row[] {
    return this.#prepare(sql).all([...parameters]) as Row[];
  }

  #prepare(sql: string): Statement {
    const held = this.#prepared.get(sql);
    if (held !== undefined) return held;
    const prepared = this.#database.prepare(sql) as Statement;
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}
