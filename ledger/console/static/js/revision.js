// One revision of a document: where it is, what differs from another, and the document as it was.

import { changes, diffTable } from "./diff.js";
import { factList, fill, h } from "./dom.js";
import { hashButton, instant } from "./format.js";
import { icon } from "./icons.js";
import { at, pretty } from "./ion.js";
import { address } from "./router.js";
import { blockLink } from "./rows.js";

const NOTES = {
  deleted: ["bad", "This revision deleted the document; it has no data."],
  redacted: ["warn", "The data of this revision was redacted; its hash is kept, so it can still be verified."],
};

export class RevisionView {
  constructor(ledger, revisions, choose) {
    Object.assign(this, { ledger, revisions, choose, against: null });
    this.element = h("section", { class: "card", "aria-label": "Chosen revision" });
  }

  /** Gives the oldest version that is needed to show one. */
  oldestNeeded = (version) => Math.max(0, Math.min(version - 1, this.against ?? version));

  show(revision) {
    const { all, oldest } = this.revisions;
    const before = all[(this.against ?? revision.version - 1) - oldest];
    const [kind, note] = NOTES[revision.state] ?? [];
    fill(
      this.element,
      h(
        "div",
        { class: "inside stack" },
        h("div", { class: "row middle" }, h("h2", `Version ${revision.version}`), this.#verifyLink(revision)),
        this.#facts(revision),
        note ? h("p", { class: `notice ${kind}` }, note) : null,
        h("div", { class: "stack tight" }, this.#differenceHead(revision, before), difference(revision, before)),
        revision.data
          ? h(
              "div",
              { class: "stack tight" },
              h("h3", "The document then"),
              h("div", { class: "well" }, pretty(revision.data)),
            )
          : null,
      ),
    );
  }

  #verifyLink({ address: block }) {
    const place = { strand: at(block, "strandId").value, block: at(block, "sequenceNo").source };
    const search = new URLSearchParams({ document: this.revisions.id, ...place });
    const href = `${address(this.ledger, "verification")}?${search}`;
    return h("a", { class: "button small end", href }, icon("verification"), "Verify this revision");
  }

  #facts({ time, transaction, address: block, hash }) {
    return factList({
      Committed: instant(time),
      Transaction: h("code", transaction),
      Block: blockLink(block, this.ledger),
      Hash: hashButton(hash, "hash"),
    });
  }

  #differenceHead(revision, before) {
    const title = before ? `What differs from version ${before.version}` : "What it began with";
    return h("div", { class: "row middle" }, h("h3", title), this.#comparison(revision));
  }

  #comparison({ version }) {
    const onchange = async (event) => {
      this.against = event.target.value === "" ? null : Number(event.target.value);
      await this.choose(version, false);
      this.element.querySelector("select").focus();
    };
    const others = this.revisions.all.map((each) => each.version).filter((each) => each !== version);
    const option = (each) => h("option", { value: each, selected: each === this.against }, `version ${each}`);
    const options = [h("option", { value: "" }, "the one before"), ...others.reverse().map(option)];
    return h("label", { class: "row middle fine end compare" }, "Compare with", h("select", { onchange }, options));
  }
}

function difference(revision, before) {
  if (before?.state === "redacted" || revision.state === "redacted") {
    return h("p", { class: "muted" }, "Redacted data cannot be compared.");
  }
  return diffTable(changes(before?.data, revision.data));
}
