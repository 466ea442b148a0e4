// One block: what its transaction did, how its hash comes about, and the way to the blocks before and after it.

import { get, pathOf, post, query } from "./api.js";
import { anatomy } from "./anatomy.js";
import { announce, factList, fill, h } from "./dom.js";
import { instant, plural } from "./format.js";
import { icon } from "./icons.js";
import { at, parse, pretty } from "./ion.js";
import { address, problem } from "./router.js";

export class BlockView {
  constructor(ledger, strands, signal) {
    Object.assign(this, { ledger, strands, signal, strand: null, number: 0 });
    this.element = h("section", { class: "card block-card", "aria-label": "Block" });
  }

  clear() {
    this.strand = null;
    fill(
      this.element,
      h(
        "div",
        { class: "empty" },
        icon("journal"),
        h("h2", "Choose a block"),
        h(
          "p",
          "You see what its transaction did, and how its hash follows from its content and from the block before it.",
        ),
      ),
    );
  }

  focus() {
    scrollTo(0, 0);
    this.element.querySelector("h2").focus();
  }

  /** Tells whether there is a block so many steps on. */
  has(step) {
    const tip = this.strands.find(({ strandId }) => strandId === this.strand)?.sequenceNo;
    return this.strand !== null && this.number + step >= 0 && (step < 0 || this.number + step <= tip);
  }

  async show(strand, number) {
    Object.assign(this, { strand, number });
    const before = number
      ? get(pathOf(this.ledger, "blocks") + query({ before: `${strand}:${number}`, limit: 1 }), this.signal)
      : { blocks: [] };
    try {
      const asked = { blockAddress: `{strandId:${JSON.stringify(strand)},sequenceNo:${number}}` };
      const [{ block }, { blocks }] = await Promise.all([
        post(pathOf(this.ledger, "block"), asked, this.signal),
        before,
      ]);
      const value = parse(block);
      const hashes = await anatomy(value, blocks[0], (to) => this.#link(to));
      if (this.strand !== strand || this.number !== number) return;
      fill(
        this.element,
        h(
          "div",
          { class: "inside stack" },
          this.#walk(),
          this.#facts(value),
          this.#work(value),
          hashes,
          h("details", h("summary", "The block in Ion"), h("div", { class: "well" }, pretty(value))),
        ),
      );
      announce(`block ${number}`);
    } catch (error) {
      if (!this.signal.aborted) fill(this.element, h("div", { class: "inside stack" }, this.#walk(), problem(error)));
    }
  }

  #link = (number) => address(this.ledger, "journal", this.strand, number);

  #walk() {
    const step = (by, name, ...content) =>
      this.has(by)
        ? h(
            "a",
            { class: "button small", href: this.#link(this.number + by), "aria-label": name, title: name },
            content,
          )
        : h("button", { class: "small", disabled: true, "aria-label": name }, content);
    const index = this.strands.findIndex(({ strandId }) => strandId === this.strand);
    const go = (event) => {
      event.preventDefault();
      location.hash = this.#link(event.target.elements.number.value);
    };
    const verify = `${address(this.ledger, "verification")}?${new URLSearchParams({ strand: this.strand, block: this.number })}`;
    return h(
      "div",
      { class: "stack tight" },
      h(
        "div",
        { class: "row middle" },
        h(
          "a",
          { class: "button small plain to-list", href: address(this.ledger, "journal") },
          icon("left"),
          "All blocks",
        ),
        h("h2", { tabindex: "-1" }, `Block ${this.number}`),
        this.strands.length > 1 ? h("span", { class: `strand-dot strand-${index % 8}` }, `strand ${index + 1}`) : null,
        h("a", { class: "button small end", href: verify }, icon("verification"), "Verify this block"),
      ),
      h(
        "nav",
        { class: "row middle walk", "aria-label": "Walk the chain" },
        step(-1, "Block before", icon("left"), `#${this.number - 1}`),
        h("span", { class: "muted" }, "←"),
        h("b", `#${this.number}`),
        h("span", { class: "muted" }, "←"),
        step(1, "Block after", `#${this.number + 1}`, icon("right")),
        h(
          "form",
          { class: "row middle end", onsubmit: go },
          h(
            "label",
            { class: "row middle fine" },
            "Go to",
            h("input", { name: "number", type: "number", min: 0, required: true, class: "jump" }),
          ),
        ),
      ),
    );
  }

  #facts(value) {
    return factList({
      Committed: instant(at(value, "blockTimestamp").source),
      Transaction: h("code", at(value, "transactionId").value),
      Strand: h("code", this.strand),
    });
  }

  #work(value) {
    const info = at(value, "transactionInfo");
    if (!info)
      return h(
        "p",
        { class: "notice" },
        this.number
          ? "The ledger wrote this block by itself, to announce a change of the tables on this strand."
          : "This block was made with the ledger: every later block of the strand rests on it.",
      );
    const statements = at(info, "statements").value.map((each) => h("li", h("code", at(each, "statement").value)));
    const versions = new Map(
      (at(value, "revisions")?.value ?? [])
        .filter((each) => at(each, "metadata"))
        .map((each) => [at(each, "metadata", "id").value, each]),
    );
    const documents = at(info, "documents").value.map(([id, entry]) => this.#document(id, entry, versions.get(id)));
    return h(
      "div",
      { class: "stack" },
      h(
        "div",
        { class: "stack tight" },
        h("h3", plural(statements.length, "statement")),
        h("ol", { class: "statements well" }, statements),
      ),
      documents.length
        ? h(
            "div",
            { class: "stack tight" },
            h("h3", plural(documents.length, "document changed", "documents changed")),
            h("ul", { class: "touched" }, documents),
          )
        : null,
    );
  }

  #document(id, entry, revision) {
    const version = revision && at(revision, "metadata", "version").source;
    const state =
      revision && !at(revision, "data")
        ? h("span", { class: "badge warn" }, at(revision, "dataHash") ? "redacted" : "deleted")
        : null;
    return h(
      "li",
      { class: "row middle" },
      h("a", { class: "mono", href: `${address(this.ledger, "document", id)}?version=${version ?? 0}` }, id),
      h("span", { class: "badge accent" }, at(entry, "tableName").value),
      h("span", { class: "muted fine" }, `version ${version ?? "?"}`),
      state,
    );
  }
}
