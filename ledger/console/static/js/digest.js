// Digests: taken from the ledger and saved as a file, and read from a file that was kept.

import { pathOf, post } from "./api.js";
import { announce, copy, factList, fill, h, hintedField, save } from "./dom.js";
import { hashButton, instant } from "./format.js";
import { icon } from "./icons.js";
import { parse } from "./ion.js";
import { problem } from "./router.js";

/** Gives the file of a digest, with the fields of the one that QLDB's console saved; as `python -m ledger digest --save`. */
function digestFile({ digest, digestTipAddress, ledger, date }) {
  const plain = (tip) =>
    Object.fromEntries(
      tip.value.map(([name, value]) => [name, typeof value.value === "bigint" ? Number(value.value) : value.value]),
    );
  const tips = parse(digestTipAddress);
  const written = tips.type === "list" ? tips.value.map(plain) : plain(tips);
  return `${JSON.stringify({ digest, digestTipAddress: written, ledger, date }, null, 2)}\n`;
}

export class DigestCard {
  /** `use` takes a digest's file, to verify against it at once. */
  constructor(ledger, signal, use) {
    Object.assign(this, { ledger, signal, use });
    this.place = h("div", { "aria-live": "polite" });
    this.element = h(
      "section",
      { class: "card", "aria-labelledby": "digest-title" },
      h(
        "div",
        { class: "inside stack" },
        h("h2", { id: "digest-title" }, h("span", { class: "numeral" }, "1"), "Get a digest, and keep it"),
        h(
          "p",
          { class: "muted" },
          "One hash over the whole journal as it is now. Keep it where the ledger's owner cannot change it: whoever rewrites history later has to explain another digest.",
        ),
        h("div", { class: "row" }, h("button", { type: "button", onclick: () => this.take() }, "Get digest")),
        this.place,
      ),
    );
  }

  async take() {
    try {
      const taken = await post(pathOf(this.ledger, "digest"), {}, this.signal);
      this.#show(taken, digestFile(taken));
      announce("digest taken");
    } catch (error) {
      fill(this.place, problem(error));
    }
  }

  #show(taken, text) {
    const tips = parse(taken.digestTipAddress);
    const shown = (tips.type === "list" ? tips.value : [tips]).map((tip) => h("code", tip.source));
    fill(
      this.place,
      h(
        "div",
        { class: "stack appears" },
        factList({
          Digest: hashButton(taken.digest, "digest", taken.digest.length),
          "Digest tip address": h("div", { class: "stack tight" }, shown),
          Taken: instant(taken.date),
        }),
        h(
          "div",
          { class: "row" },
          h(
            "button",
            { type: "button", class: "primary", onclick: () => save(`${this.ledger}.ion.txt`, text) },
            icon("download"),
            `Save ${this.ledger}.ion.txt`,
          ),
          h("button", { type: "button", onclick: () => this.use(text) }, "Verify against it"),
          h("button", { type: "button", class: "plain", onclick: () => copy(text, "digest") }, icon("copy"), "Copy"),
        ),
      ),
    );
  }
}

export class DigestInput {
  /** The digest to verify against: from a file, or changed by hand to see that it matters. */
  constructor(ledger) {
    this.ledger = ledger;
    this.file = h("input", { type: "file", accept: ".txt,.ion,.json", onchange: () => this.#read(this.file.files[0]) });
    this.area = h("textarea", {
      class: "mono",
      rows: "7",
      spellcheck: "false",
      "aria-label": "Content of the digest file",
      oninput: () => this.#show(),
      onfocus: () => this.area.scrollIntoView({ block: "nearest" }), // with a selection in it, browsers do not
    });
    this.from = h("p", { class: "muted fine", role: "status" });
    this.tamper = h(
      "button",
      { type: "button", class: "small", onclick: () => this.#change() },
      icon("pencil"),
      "Change one character",
    );
    this.undo = h(
      "button",
      { type: "button", class: "small plain", onclick: () => this.use(this.kept, this.source) },
      "Undo",
    );
    this.content = h(
      "div",
      { class: "stack tight", hidden: true },
      this.area,
      h("div", { class: "row middle" }, this.tamper, this.undo),
    );
    this.element = h(
      "div",
      {
        class: "stack tight",
        ondragover: (event) => event.preventDefault(),
        ondrop: (event) => this.#dropped(event),
      },
      hintedField("Digest file", this.file, `The file ${ledger}.ion.txt that you saved; it can be dropped here, too.`),
      this.from,
      this.content,
    );
    this.kept = "";
  }

  get text() {
    return this.area.value;
  }

  use(text, source) {
    Object.assign(this, { kept: text, source });
    this.area.value = text;
    this.content.hidden = false;
    this.#show();
  }

  #show() {
    const isChanged = this.text !== this.kept;
    this.undo.hidden = !isChanged;
    fill(this.from, this.source ? `Using ${this.source}${isChanged ? ", changed by hand" : ""}.` : "");
  }

  #change() {
    const found = /"?digest"?\s*:\s*("|\{\{\s*)/.exec(this.text);
    if (!found) return;
    const at = found.index + found[0].length + 4;
    const other = this.text[at] === "A" ? "B" : "A";
    this.area.value = this.text.slice(0, at) + other + this.text.slice(at + 1);
    this.#show();
    this.area.focus();
    this.area.setSelectionRange(at, at + 1);
    announce(`character ${at + 1} is now ${other}`);
  }

  async #read(file) {
    if (file) this.use(await file.text(), file.name);
  }

  #dropped(event) {
    event.preventDefault();
    this.#read(event.dataTransfer.files[0]);
  }
}
