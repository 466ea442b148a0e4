// The names of a ledger that somebody may want to type: tables from the catalog, fields as far as they have been seen.

import { get, pathOf } from "./api.js";

export class Names {
  constructor(ledger) {
    this.ledger = ledger;
    this.tables = [];
    this.fields = new Map(); // of each table: its fields, each with its types
    this.seen = new Set();
  }

  /** Reads the catalog, and then some documents of each table. */
  async refresh(signal) {
    const { tables } = await get(pathOf(this.ledger), signal);
    this.tables = tables.filter(({ status }) => status === "ACTIVE");
    return tables;
  }

  async fieldsOf(table, signal) {
    if (!this.fields.has(table)) {
      const { fields } = await get(pathOf(this.ledger, "tables", table), signal);
      this.fields.set(table, fields);
    }
    return this.fields.get(table);
  }

  /** Remembers the fields of rows, parsed, and of the structs in them. */
  learn(rows, depth = 0) {
    for (const row of rows) {
      if (row.type !== "struct" || row.value === null || depth > 4 || this.seen.size > 2000) continue;
      for (const [name] of row.value) this.seen.add(name);
      this.learn(
        row.value.map(([, value]) => value),
        depth + 1,
      );
    }
  }
}
