// What has changed between two documents: field by field, into structs and lists.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { compact } from "./ion.js";

const WORDS = { added: "added", removed: "removed", changed: "changed" };
const SIGNS = { added: "plus", removed: "bad", changed: "pencil" };

/** Gives the changes, {path, kind, before, after}; a document that is not there has no fields. */
export function changes(before, after, path = "") {
  if (before === undefined && after === undefined) return [];
  if (before && after && compact(before) === compact(after)) return [];
  const [old, now] = [membersOf(before), membersOf(after)];
  const isSame = before && after && before.type === after.type;
  if (!(old && now && (isSame || !path)) && !(!path && (old || now))) {
    return [{ path, kind: !before ? "added" : !after ? "removed" : "changed", before, after }];
  }
  const names = [...new Set([...(old ?? new Map()).keys(), ...(now ?? new Map()).keys()])];
  return names.flatMap((name) => changes(old?.get(name), now?.get(name), joined(path, name)));
}

function membersOf(value) {
  if (!value || value.value === null || value.annotations.length) return null;
  if (value.type === "struct") return new Map(value.value.map(([name, each]) => [name ?? "$0", each]));
  return value.type === "list" ? new Map(value.value.map((each, index) => [index, each])) : null;
}

const joined = (path, name) => (typeof name === "number" ? `${path}[${name}]` : path ? `${path}.${name}` : name);

/** Shows changes as a table. */
export function diffTable(found) {
  if (!found.length) return h("p", { class: "muted" }, "Nothing: the data is the same.");
  const rows = found.map(({ path, kind, before, after }) =>
    h(
      "tr",
      { class: kind },
      h(
        "th",
        { scope: "row" },
        h(
          "span",
          { class: "sign", title: WORDS[kind] },
          icon(SIGNS[kind]),
          h("span", { class: "unseen" }, WORDS[kind]),
        ),
        h("code", path),
      ),
      h("td", { class: "before" }, before ? h("code", compact(before)) : h("span", { class: "missing" }, "–")),
      h("td", { class: "after" }, after ? h("code", compact(after)) : h("span", { class: "missing" }, "–")),
    ),
  );
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      { class: "diff" },
      h("caption", { class: "unseen" }, "Differences"),
      h(
        "thead",
        h(
          "tr",
          ["Field", "Before", "After"].map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h("tbody", rows),
    ),
  );
}
