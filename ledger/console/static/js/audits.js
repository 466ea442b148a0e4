// The last runs of the auditor, and what each has found.

import { get, pathOf } from "./api.js";
import { factList, fill, h } from "./dom.js";
import { count, instant, instantText, plural } from "./format.js";
import { icon } from "./icons.js";
import { address, problem } from "./router.js";

export class Audits {
  constructor(ledger, signal) {
    Object.assign(this, { ledger, signal });
    this.place = h("div");
    this.element = h(
      "section",
      { class: "card", "aria-labelledby": "audits-title" },
      h("h2", { class: "inside", id: "audits-title" }, "Runs of the auditor"),
      this.place,
    );
  }

  /** Reads the newest reports, and gives them. */
  async load() {
    try {
      const { place, audits } = await get(pathOf(this.ledger, "audits"), this.signal);
      fill(this.place, audits.length ? this.#list(audits) : none(place, this.ledger));
      return audits.flatMap(({ report }) => report ?? []);
    } catch (error) {
      if (!this.signal.aborted) fill(this.place, h("div", { class: "inside" }, problem(error)));
      return [];
    }
  }

  #list = (audits) =>
    h(
      "ol",
      { class: "records", reversed: true },
      audits.map(({ location, report }) => h("li", report ? this.#item(report, location) : unreadable(location))),
    );

  #item(report, location) {
    const [kind, word] = verdict(report);
    return h(
      "details",
      { open: kind === "bad" },
      h(
        "summary",
        h("span", { class: `badge ${kind}` }, icon(kind), word),
        instant(report.date),
        h("span", { class: "muted" }, `${plural(report.blocks, "block")}, ${plural(report.digests, "digest")}`),
      ),
      h("div", { class: "inside stack" }, this.#findings(report), facts(report, location)),
    );
  }

  #findings({ findings, findingCount }) {
    if (!findingCount) return h("p", "The journal, the digests, and all that follows from the journal agree.");
    const rest = findingCount - findings.length;
    return [
      h(
        "ul",
        { class: "findings" },
        findings.map((finding) => this.#finding(finding)),
      ),
      rest ? h("p", { class: "muted" }, `${count(rest)} more are in the report.`) : null,
    ];
  }

  #finding({ where, what, since, found, strandId, sequenceNo, documentId }) {
    const link =
      sequenceNo !== undefined
        ? h("a", { href: address(this.ledger, "journal", strandId, sequenceNo) }, "See the block")
        : documentId
          ? h("a", { href: address(this.ledger, "document", documentId) }, "See the document")
          : null;
    return h(
      "li",
      { class: "notice bad" },
      h("p", h("b", where), `: ${what}`),
      h(
        "p",
        { class: "muted fine" },
        since
          ? ["In order at the latest when ", `digest ${since.number} was taken, `, instant(since.date)]
          : "Never found in order",
        found ? [". First found ", instant(found)] : null,
        ". ",
        link,
      ),
    );
  }
}

/** Gives in a word what a run came to. */
export function verdict({ findingCount, finished }) {
  if (findingCount) return ["bad", plural(findingCount, "finding")];
  return finished ? ["good", "all in order"] : ["wait", "not at the end yet"];
}

const facts = ({ seconds, newestDigest, fullAudit, digestAge }, location) =>
  factList({
    Took: `${seconds} s`,
    "Newest digest": newestDigest ? `#${newestDigest.number} of ${instantText(newestDigest.date)}` : "none",
    "Everything checked anew": fullAudit.completed ? instantText(fullAudit.completed) : "not yet",
    "Blocks without a digest": digestAge ? `the oldest for ${count(Math.round(digestAge))} s` : "none",
    Report: h("code", location),
  });

const unreadable = (location) =>
  h("p", { class: "inside" }, h("span", { class: "badge bad" }, icon("bad"), "no report"), " ", h("code", location));

const none = (place, ledger) =>
  h(
    "div",
    { class: "empty" },
    icon("audit"),
    h(
      "h3",
      place ? "No auditor has reported on this ledger" : "The console was not told where the auditor's reports are",
    ),
    h(
      "p",
      place
        ? ["There is no report in ", h("code", place), "."]
        : ["Start it with ", h("code", "--audits s3://BUCKET"), ", or with a folder to which the bucket was copied."],
    ),
    h(
      "p",
      "You can check the ledger by hand: ",
      h("code", `python -m ledger fsck ${ledger}`),
      " computes every hash anew from the data, and compares balances, history and indexes with the journal.",
    ),
  );
