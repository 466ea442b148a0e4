// The strands of a journal, each with its tip; one can be chosen, to see its blocks alone.

import { fill, h } from "./dom.js";
import { count, hash, instant, plural } from "./format.js";

export class StrandCards {
  /** `choose` is told of the id of a strand, or of null for all. */
  constructor(strands, choose) {
    Object.assign(this, { strands, choose, chosen: null });
    this.buttons = strands.map((strand, index) =>
      h("button", { type: "button", class: `strand strand-${index % 8}`, onclick: () => this.#pressed(strand) }),
    );
    this.element = h(
      "ul",
      { class: "strands", "aria-label": `${count(strands.length)} strands; choose one to see its blocks alone` },
      this.buttons.map((button) => h("li", button)),
    );
  }

  /** Shows the tips as they are. */
  draw() {
    this.strands.forEach((strand, index) => {
      const { sequenceNo, blockHash, blockTimestamp } = strand;
      this.buttons[index].setAttribute("aria-pressed", String(strand === this.chosen));
      fill(
        this.buttons[index],
        h(
          "span",
          { class: "row middle" },
          h("b", `Strand ${index + 1}`),
          h("span", { class: "muted fine" }, plural(sequenceNo + 1, "block")),
        ),
        hash(blockHash),
        h("span", { class: "muted fine" }, instant(blockTimestamp)),
      );
    });
  }

  #pressed(strand) {
    this.chosen = this.chosen === strand ? null : strand;
    this.draw();
    this.choose(this.chosen?.strandId ?? null);
  }
}
