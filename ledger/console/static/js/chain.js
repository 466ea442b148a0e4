// The list of blocks, the newest first; with new ones as they come, if it is live.

import { get, pathOf, query } from "./api.js";
import { announce, fill, h } from "./dom.js";
import { hash, instant, plural } from "./format.js";
import { icon } from "./icons.js";
import { address, problem } from "./router.js";

const [PAGE, MOST_LISTED, PAUSE_MS] = [40, 400, 2000];

export class Chain {
  /** `strands` has the tip of each; `onmove` is called when they have moved. */
  constructor(ledger, strands, signal, onmove) {
    Object.assign(this, {
      ledger,
      strands,
      signal,
      onmove,
      blocks: [],
      strand: null,
      choices: 0,
      marked: "",
      isLive: false,
      timer: 0,
    });
    this.list = h("ol", { class: "chain", tabindex: "0", "aria-label": "Blocks, the newest first" });
    this.rest = h("p", { class: "inside" });
    this.element = h("section", { class: "card chain-card", "aria-label": "Blocks" }, this.list, this.rest);
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  start = () => this.#load();

  #older(button) {
    button.disabled = true;
    return this.#load();
  }

  /** Shows the blocks of one strand alone, or of all. */
  choose(strand) {
    Object.assign(this, { strand, blocks: [], choices: this.choices + 1 });
    return this.#load();
  }

  /** Marks a block as the one that is shown beside. */
  mark(strand, number) {
    this.marked = strand ? `${strand}/${number}` : "";
    for (const link of this.list.querySelectorAll("a")) this.#markLink(link);
  }

  /** Begins or ends to look for new blocks, and tells which. */
  toggleLive() {
    this.isLive = !this.isLive;
    clearTimeout(this.timer);
    if (this.isLive) this.#look();
    announce(this.isLive ? "new blocks are shown as they come" : "new blocks are not looked for any more");
    return this.isLive;
  }

  get #wanted() {
    return this.strands.filter(({ strandId }) => !this.strand || strandId === this.strand);
  }

  async #load() {
    const before = this.#wanted.map(
      ({ strandId, sequenceNo }) => `${strandId}:${this.#oldest(strandId)?.sequenceNo ?? sequenceNo + 1}`,
    );
    const { choices } = this;
    try {
      const { blocks } = await this.#get({ before: before.join() });
      if (this.choices !== choices) return; // another strand was chosen meanwhile
      this.blocks.push(...blocks);
      this.#draw(new Set());
    } catch (error) {
      if (!this.signal.aborted) fill(this.rest, problem(error));
    }
  }

  async #look() {
    try {
      const after = this.strands.map(({ strandId, sequenceNo }) => `${strandId}:${sequenceNo}`).join();
      const { blocks } = document.hidden ? { blocks: [] } : await this.#get({ after });
      this.#move(blocks);
      const shown = blocks.filter(({ strandId }) => !this.strand || strandId === this.strand);
      if (shown.length) {
        const isWhole = blocks.length < PAGE; // else there may be a gap: list anew
        this.blocks = isWhole ? [...shown, ...this.blocks].slice(0, MOST_LISTED) : shown;
        this.#draw(new Set(shown));
        announce(`${plural(shown.length, "new block")}`);
      }
    } catch (error) {
      if (this.signal.aborted) return;
      announce(error.message);
    }
    if (this.isLive && !this.signal.aborted) this.timer = setTimeout(() => this.#look(), PAUSE_MS);
  }

  #move(blocks) {
    for (const strand of this.strands) {
      const tip = blocks.find(({ strandId }) => strandId === strand.strandId);
      if (!tip) continue;
      const { sequenceNo, blockHash, blockTimestamp } = tip;
      Object.assign(strand, { sequenceNo, blockHash, blockTimestamp });
    }
    if (blocks.length) this.onmove();
  }

  #oldest = (strand) => this.blocks.findLast(({ strandId }) => strandId === strand);

  #get = (members) => get(pathOf(this.ledger, "blocks") + query({ limit: PAGE, ...members }), this.signal);

  #draw(fresh) {
    this.list.classList.toggle("linked", this.#wanted.length === 1); // only within a strand is one chained to the next
    fill(
      this.list,
      this.blocks.map((block) => this.#item(block, fresh.has(block))),
    );
    const isAll = this.#wanted.every(({ strandId }) => this.#oldest(strandId)?.sequenceNo === 0);
    fill(
      this.rest,
      isAll
        ? h("span", { class: "muted fine" }, "This is the beginning of the journal.")
        : h("button", { type: "button", onclick: (event) => this.#older(event.target) }, "Load older blocks"),
    );
    this.rest.hidden = !this.blocks.length;
  }

  #item(block, isFresh) {
    const { strandId, sequenceNo, blockTimestamp, blockHash } = block;
    const index = this.strands.findIndex((each) => each.strandId === strandId);
    const strand =
      this.strands.length > 1
        ? h("span", { class: `strand-dot strand-${index % 8}`, title: `strand ${strandId}` }, `strand ${index + 1}`)
        : null;
    const link = h(
      "a",
      {
        class: "block-link",
        href: address(this.ledger, "journal", strandId, sequenceNo),
        "data-place": `${strandId}/${sequenceNo}`,
      },
      h(
        "span",
        { class: "row middle" },
        h("b", `#${sequenceNo}`),
        strand,
        h("span", { class: "muted fine end" }, instant(blockTimestamp)),
      ),
      h("span", { class: "words" }, what(block)),
      hash(blockHash),
    );
    this.#markLink(link);
    return h("li", { class: isFresh ? "appears fresh" : null }, link);
  }

  #markLink(link) {
    if (link.dataset.place === this.marked) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** Says in a line what a block is. */
function what({ sequenceNo, statements, documents, redactions }) {
  if (!statements.length)
    return h(
      "span",
      { class: "muted" },
      sequenceNo ? "Announces a change of the tables" : "The first block of the strand",
    );
  if (redactions) return [icon("redact"), " Redaction"];
  const tables = [...new Set(documents.map(({ tableName }) => tableName))].join(", ");
  return documents.length
    ? [plural(documents.length, "document"), h("span", { class: "muted" }, ` in ${tables}`)]
    : h("code", statements[0].slice(0, 60));
}
