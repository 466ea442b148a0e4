// The page "Audit": evidence that stands outside the ledger: notarised digests, and the runs of the auditor.

import { get, pathOf } from "./api.js";
import { fill, h } from "./dom.js";
import { count, hash, instant, plural } from "./format.js";
import { icon } from "./icons.js";
import { address, head } from "./router.js";

const STATES = { PASSED: ["good", "passed"], FAILED: ["bad", "failed"], RUNNING: ["accent", "running"] };

export async function show(main, { ledger, signal }) {
  const { digests, audits } = await get(pathOf(ledger, "evidence"), signal);
  fill(
    main,
    head(
      "Audit",
      "Digests that were signed and put where the ledger's owner cannot change them, and what the auditor found when it computed the journal anew.",
      summary(digests, audits),
    ),
    h(
      "div",
      { class: "stack" },
      card("Runs of the auditor", audits.length ? auditTable(audits) : noAudits(ledger)),
      card("Notarised digests", digests.length ? digestTable(digests) : noDigests(ledger)),
    ),
  );
}

function summary(digests, audits) {
  const last = audits.find(({ status }) => status !== "RUNNING");
  if (!last) return h("span", { class: "badge" }, plural(digests.length, "digest"));
  const [kind] = STATES[last.status];
  return h(
    "span",
    { class: `badge ${kind}` },
    icon(kind),
    last.status === "PASSED" ? "the last audit passed" : "the last audit failed",
  );
}

const card = (title, content) =>
  h("section", { class: "card", "aria-label": title }, h("h2", { class: "inside" }, title), content);

function table(title, heads, rows) {
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
    h(
      "table",
      h("caption", { class: "unseen" }, title),
      h(
        "thead",
        h(
          "tr",
          heads.map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h("tbody", rows),
    ),
  );
}

function auditTable(audits) {
  const rows = audits.map((run) => {
    const [kind, word] = STATES[run.status];
    const findings = run.findings.map(({ where, what, since }) =>
      h("li", h("b", where), `: ${what}`, since ? [", since ", instant(since)] : null),
    );
    return h(
      "tr",
      h("td", h("span", { class: `badge ${kind}` }, word)),
      h("td", instant(run.started)),
      h("td", run.finished ? instant(run.finished) : "–"),
      h("td", run.kind === "FULL" ? "full" : "since the last"),
      h("td", { class: "numeric" }, count(run.blocks)),
      h("td", run.covers ? hash(run.covers) : "–"),
      h("td", findings.length ? h("ul", findings) : "nothing"),
    );
  });
  return table(
    "Runs of the auditor",
    ["Result", "Started", "Finished", "Kind", "Blocks", "Up to digest", "Found"],
    rows,
  );
}

function digestTable(digests) {
  const rows = digests.map((each) =>
    h(
      "tr",
      h("td", instant(each.date)),
      h("td", hash(each.digest)),
      h("td", h("code", each.tipAddress)),
      h("td", hash(each.signature), h("div", { class: "muted fine" }, `${each.algorithm}, ${each.keyId}`)),
      h(
        "td",
        h("code", each.location),
        each.retainUntil ? h("div", { class: "muted fine" }, "kept until ", instant(each.retainUntil)) : null,
      ),
    ),
  );
  return table("Notarised digests", ["Taken", "Digest", "Up to", "Signature", "Where it is"], rows);
}

const noDigests = (ledger) =>
  h(
    "div",
    { class: "empty" },
    icon("lock"),
    h("h3", "No digest of this ledger has been notarised"),
    h(
      "p",
      "Until one is, keep digests yourself: take one now and then, and put the file where the ledger's owner cannot change it.",
    ),
    h("a", { class: "button", href: address(ledger, "verification") }, "Get a digest"),
  );

const noAudits = (ledger) =>
  h(
    "div",
    { class: "empty" },
    icon("audit"),
    h("h3", "No auditor has reported on this ledger"),
    h(
      "p",
      "You can check it by hand: the command computes every hash from the data, and compares balances, history and indexes with the journal.",
    ),
    h("p", h("code", `python -m ledger fsck ${ledger} --data DIR`)),
  );
