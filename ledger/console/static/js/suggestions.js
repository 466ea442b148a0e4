// The list of completions under the cursor. Tab takes the first; arrows choose another, which Enter takes, too.

import { completions } from "./completion.js";
import { announce, fill, h } from "./dom.js";
import { plural } from "./format.js";

export class Suggestions {
  constructor(editor, names) {
    this.editor = editor;
    this.names = names;
    this.element = h("ul", {
      class: "suggestions",
      id: "suggestions",
      role: "listbox",
      "aria-label": "Suggestions",
      hidden: true,
    });
    this.offers = [];
  }

  /** Offers what fits; unless it was asked for, only behind a letter or a dot. */
  offer(isAsked = false) {
    const { text, area } = this.editor;
    const { typed, offers } = completions(text, area.selectionStart, this.names);
    const before = text[area.selectionStart - typed.length - 1];
    if (!offers.length || !(isAsked || typed || before === ".")) return this.hide();
    Object.assign(this, { typed, offers, chosen: 0, hasChosen: isAsked });
    const { left, top } = this.editor.cursorPlace;
    this.element.style.setProperty("left", `min(${left}px, 100% - 17rem)`);
    this.element.style.setProperty("top", `${top}px`);
    this.element.hidden = false;
    area.setAttribute("aria-controls", "suggestions");
    this.#draw();
    return announce(`${plural(offers.length, "suggestion")}, first ${offers[0].text}`);
  }

  hide() {
    this.element.hidden = true;
    this.offers = [];
    for (const name of ["aria-controls", "aria-activedescendant"]) this.editor.area.removeAttribute(name);
  }

  pressed(event) {
    if (!this.offers.length || event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      this.chosen = (this.chosen + moves[event.key] + this.offers.length) % this.offers.length;
      this.hasChosen = true;
      this.#draw();
      announce(this.offers[this.chosen].text);
    } else if (event.key === "Tab" || (event.key === "Enter" && this.hasChosen)) {
      this.#take(this.chosen);
    } else if (event.key === "Escape") {
      this.hide();
    } else {
      return;
    }
    event.preventDefault();
  }

  #take(index) {
    const { text } = this.offers[index];
    this.editor.insert(text, this.editor.area.selectionStart - this.typed.length);
    this.hide();
  }

  #draw() {
    const items = this.offers.map(({ text, kind }, index) =>
      h(
        "li",
        {
          role: "option",
          id: `suggestion-${index}`,
          "aria-selected": String(index === this.chosen),
          onmousedown: (event) => {
            event.preventDefault();
            this.#take(index);
          },
        },
        h("span", { class: "mono" }, text),
        h("small", kind),
      ),
    );
    fill(this.element, items);
    this.editor.area.setAttribute("aria-activedescendant", `suggestion-${this.chosen}`);
    items[this.chosen].scrollIntoView({ block: "nearest" });
  }
}
