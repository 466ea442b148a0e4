// Which page is shown: the address after the #, such as #/captable1/document/ID?version=3.

import { announce, fill, h } from "./dom.js";
import { icon } from "./icons.js";

export const PAGES = [
  { name: "query", label: "Query", load: () => import("./query.js") },
  { name: "document", label: "Documents", icon: "documents", load: () => import("./document.js") },
  { name: "journal", label: "Journal", load: () => import("./journal.js") },
  { name: "verification", label: "Verification", load: () => import("./verification.js") },
  { name: "audit", label: "Audit", load: () => import("./audit.js") },
];

export const address = (ledger, page, ...parts) => `#/${[ledger, page, ...parts].map(encodeURIComponent).join("/")}`;

export function place() {
  const [path, search = ""] = location.hash.slice(2).split("?");
  const [ledger = "", page = "", ...parts] = path.split("/").map(decodeURIComponent);
  return { ledger, page, parts, search: new URLSearchParams(search) };
}

let leaving = new AbortController();
let shown = {};

/** Shows the page that the address names. A page that is shown already, and can, is only told of its new address. */
export async function show(main, session) {
  const { ledger, page, parts, search } = place();
  const isFirst = !shown.page;
  const { label, load } = PAGES.find(({ name }) => name === page);
  main.ariaBusy = "true";
  if (shown.update && shown.page === page && shown.ledger === ledger) {
    await shown.update(parts, search);
    main.ariaBusy = "false";
    return;
  }
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  shown = { page, ledger };
  document.title = `${label} · ${ledger} · Ledger console`;
  try {
    const update = await (await load()).show(main, { ledger, parts, search, signal, session });
    if (signal.aborted) return;
    shown = { page, ledger, update };
  } catch (error) {
    if (signal.aborted) return;
    fill(main, problem(error));
  }
  main.ariaBusy = "false";
  if (!isFirst) focusHeading(main);
  announce(`${label} of ledger ${ledger}`);
}

function focusHeading(main) {
  const heading = main.querySelector("h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

/** Says what has gone wrong, where a page or a part of it should be. */
export function problem(error) {
  const words = [error.message, error.reason && `(${error.reason})`, error.hint].filter(Boolean).join(" ");
  return h("div", { class: "notice bad", role: "alert" }, h("strong", icon("bad"), error.name), h("p", words));
}

/** Heads a page. */
export const head = (title, text, ...more) => h("div", { class: "page-head" }, h("h1", title), ...more, h("p", text));
