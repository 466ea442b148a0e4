// Rows of a result: as a table with a column for each field, or as Ion. Ids and block addresses lead to their pages.

import { h } from "./dom.js";
import { at, cellText, compact, isNumber, pretty } from "./ion.js";
import { address } from "./router.js";

const ID = /^[0-9A-Za-z]{22}$/;
const [MOST_CHARACTERS, MOST_ON_ONE_LINE] = [160, 40];

/** Gives the columns of rows, in the order in which they are met; a row that is no struct is in the column "value". */
function columns(rows) {
  return [...new Set(rows.flatMap((row) => (isStruct(row) ? row.value.map(([name]) => name ?? "$0") : ["value"])))];
}

const isStruct = (row) => row.type === "struct" && row.value !== null;

export function tableOf(rows, ledger) {
  const names = columns(rows);
  const numeric = new Set(names.filter((name) => rows.some((row) => isNumber(cell(row, name)))));
  const heads = names.map((name) => h("th", { scope: "col", class: numeric.has(name) ? "numeric" : null }, name));
  return h(
    "table",
    {},
    h("caption", { class: "unseen" }, "Result"),
    h("thead", h("tr", h("th", { scope: "col", class: "ordinal" }, "#"), heads)),
    h("tbody", bodyRows(rows, names, numeric, ledger)),
  );
}

function bodyRows(rows, names, numeric, ledger) {
  return rows.map((row, index) =>
    h(
      "tr",
      {},
      h("td", { class: "ordinal" }, index + 1),
      names.map((name) => {
        const value = cell(row, name);
        const isShort = value?.type === "string" && cellText(value).length <= MOST_ON_ONE_LINE;
        return h("td", { class: numeric.has(name) ? "numeric" : isShort ? "short" : null }, shown(value, name, ledger));
      }),
    ),
  );
}

const cell = (row, name) => (isStruct(row) ? at(row, name) : name === "value" ? row : undefined);

function shown(value, name, ledger) {
  if (value === undefined) return h("span", { class: "missing", title: "missing" }, "–");
  const text = cellText(value);
  if (value.type === "string" && ID.test(text) && /id$/i.test(name) && name !== "txId") {
    return h("a", { class: "mono", href: address(ledger, "document", text) }, text);
  }
  if (value.type === "struct" && at(value, "strandId") && at(value, "sequenceNo")) return blockLink(value, ledger);
  if (value.type === "struct" && at(value, "id")?.type === "string") return documentLink(value, ledger);
  const isPlain = value.type === "string" || isNumber(value);
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return isPlain ? short : h("span", { class: "mono", title: text.slice(0, 2000) }, short);
}

export function blockLink(value, ledger) {
  const [strand, number] = [at(value, "strandId").value, at(value, "sequenceNo").source];
  return h(
    "a",
    { class: "mono", href: address(ledger, "journal", strand, number), title: compact(value) },
    `${strand.slice(0, 6)}… ${number}`,
  );
}

function documentLink(value, ledger) {
  const id = at(value, "id").value;
  const version = at(value, "version");
  const parts = version ? [`${id.slice(0, 8)}… `, h("small", `version ${version.source}`)] : id;
  return h("a", { class: "mono", href: address(ledger, "document", id), title: compact(value) }, parts);
}

export const ionOf = (rows) =>
  h(
    "ol",
    { class: "ion-rows" },
    rows.map((row) => h("li", pretty(row))),
  );
