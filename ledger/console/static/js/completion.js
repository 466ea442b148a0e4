// What the editor offers: tables where a table must stand, fields of the tables in sight, and keywords.

import { COMPLETED, isSilent, lexemes } from "./lexer.js";
import { quoted } from "./words.js";

const BEFORE_TABLES = new Set(["FROM", "INTO", "JOIN", "ON", "TABLE", "UPDATE"]);
const COMMITTED = [
  "blockAddress",
  "data",
  "hash",
  "metadata",
  "id",
  "version",
  "txTime",
  "txId",
  "strandId",
  "sequenceNo",
];
const MOST = 12;

/** Gives the word before the cursor and what it can become: {typed, offers: [{text, kind}]}. */
export function completions(text, cursor, names) {
  const before = text.slice(0, cursor);
  const typed = /"?[\p{L}\p{N}_$]*$/u.exec(before)[0];
  const pieces = lexemes(before.slice(0, before.length - typed.length));
  if (pieces.some(({ kind }) => kind === "open") || lexemes(before).at(-1)?.kind === "comment")
    return { typed, offers: [] };
  const said = pieces.filter((piece) => !isSilent(piece));
  const last = said.at(-1)?.text.toUpperCase() ?? "";
  const wanted = typed.replaceAll('"', "").toLowerCase();
  const fits = ({ text: each }) => each.replaceAll('"', "").toLowerCase().startsWith(wanted) && each !== typed;
  return {
    typed,
    offers: unique(offered(last, text, names, typed))
      .filter(fits)
      .slice(0, MOST),
  };
}

function offered(last, text, names, typed) {
  if (last === ".") return fields(text, names);
  if (BEFORE_TABLES.has(last)) return tables(names);
  const keywords = COMPLETED.map((word) => ({
    text: typed && typed === typed.toLowerCase() ? word.toLowerCase() : word,
    kind: "keyword",
  }));
  return last === "" || last === ";" ? keywords : [...fields(text, names), ...tables(names), ...keywords];
}

function tables(names) {
  const found = names.tables.map(({ name }) => name);
  return [
    ...found.map((name) => ({ text: quoted(name), kind: "table" })),
    ...found.map((name) => ({ text: `_ql_committed_${name}`, kind: "committed view" })),
    ...found.map((name) => ({ text: `history(${quoted(name)})`, kind: "history" })),
    { text: "information_schema.user_tables", kind: "catalog" },
  ];
}

function fields(text, names) {
  const words = new Set(lexemes(text).map((piece) => piece.text.replaceAll('"', "").replace(/^_ql_committed_/, "")));
  const all = [...names.fields];
  const named = all.filter(([table]) => words.has(table));
  const near = (named.length ? named : all).flatMap(([, found]) => found.map(({ name }) => name));
  const committed = /_ql_committed_|history\s*\(/i.test(text) ? COMMITTED : [];
  return [...near, ...committed, ...[...names.seen].sort()].map((name) => ({ text: quoted(name), kind: "field" }));
}

function unique(offers) {
  const known = new Set();
  return offers.filter(({ text }) => !known.has(text) && known.add(text));
}
