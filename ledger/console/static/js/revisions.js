// A document's revisions, read from the newest on, as many as are wanted.

import { get, pathOf, query } from "./api.js";
import { at, parse } from "./ion.js";

const PAGE = 100;

export class Revisions {
  constructor(ledger, id) {
    Object.assign(this, { ledger, id, all: [], newest: 0, table: "" }); // `all` is sorted by version
  }

  get oldest() {
    return this.all[0]?.version ?? this.newest + 1;
  }

  /** Reads another page of older revisions; the one that is under way, if there is one. */
  more(signal) {
    this.reading ??= this.#read(signal).finally(() => (this.reading = null));
    return this.reading;
  }

  async #read(signal) {
    const before = this.all.length ? this.oldest : null;
    const told = await get(pathOf(this.ledger, "documents", this.id) + query({ limit: PAGE, before }), signal);
    Object.assign(this, { newest: told.newest, table: told.tableName });
    this.all.unshift(...told.revisions.map(revisionOf).reverse());
  }

  /** Gives a version, and reads as far back as it takes. */
  async version(number, signal) {
    while (number < this.oldest) await this.more(signal);
    return this.all[number - this.oldest];
  }

  /** Gives the version that was current at an instant, as the ledger finds it. */
  async at(instant, signal) {
    const { version } = await get(pathOf(this.ledger, "documents", this.id) + query({ at: instant }), signal);
    return this.version(version, signal);
  }
}

/** Gives what pages need of a revision in Ion text; its `state` is "current", "deleted" or "redacted". */
function revisionOf(text) {
  const value = parse(text);
  const [data, isRedacted] = [at(value, "data"), Boolean(at(value, "dataHash"))];
  return {
    value,
    text,
    data,
    version: Number(at(value, "metadata", "version").value),
    time: at(value, "metadata", "txTime").source,
    transaction: at(value, "metadata", "txId").value,
    hash: at(value, "hash").source.slice(2, -2),
    address: at(value, "blockAddress"),
    state: data ? "current" : isRedacted ? "redacted" : "deleted",
  };
}
