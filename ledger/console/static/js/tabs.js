// The editor's tabs, kept in the browser. Each holds a text; closing the last leaves an empty one.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { keep, load } from "./storage.js";

const FIRST = "SELECT * FROM information_schema.user_tables";

export class Tabs {
  /** `shown` is called with the text and the id of the tab that is to be shown. */
  constructor(ledger, shown) {
    this.key = `tabs.${ledger}`;
    this.shown = shown;
    this.element = h("nav", { class: "tabs", "aria-label": "Tabs" });
    const kept = load(this.key, null);
    const isSound =
      Array.isArray(kept?.tabs) &&
      kept.tabs.length &&
      kept.tabs.every(({ id, text }) => Number.isInteger(id) && typeof text === "string");
    this.tabs = isSound ? kept.tabs : [{ id: 1, text: FIRST }];
    this.current = this.tabs.find(({ id }) => id === kept?.current) ?? this.tabs[0];
  }

  /** Shows the tab of last time, or one with this text. */
  start(text) {
    if (text && text !== this.current.text) this.open(text);
    else this.#show(this.current);
  }

  /** Opens a text in a new tab, or in the current one if that is empty. */
  open(text = "") {
    if (text && !this.current.text.trim()) {
      this.current.text = text;
      return this.#show(this.current);
    }
    const id = Math.max(...this.tabs.map((tab) => tab.id)) + 1;
    this.tabs.push({ id, text });
    return this.#show(this.tabs.at(-1));
  }

  /** Takes down what the current tab's text has become. */
  note(text) {
    this.current.text = text;
    this.#keep();
  }

  #close(tab) {
    const at = this.tabs.indexOf(tab);
    this.tabs.splice(at, 1);
    if (!this.tabs.length) this.tabs.push({ id: tab.id + 1, text: "" });
    this.#show(this.current === tab ? this.tabs[Math.max(0, at - 1)] : this.current);
    this.element.querySelector("[aria-current]").focus();
  }

  #show(tab) {
    this.current = tab;
    const items = this.tabs.map((each) => {
      const [name, isCurrent] = [`Query ${each.id}`, each === tab];
      return h(
        "li",
        { class: isCurrent ? "current" : null },
        h(
          "button",
          { type: "button", "aria-current": isCurrent ? "true" : null, onclick: () => this.#show(each) },
          name,
        ),
        h(
          "button",
          { class: "plain small", type: "button", "aria-label": `Close ${name}`, onclick: () => this.#close(each) },
          icon("close"),
        ),
      );
    });
    const add = h(
      "li",
      h(
        "button",
        { class: "plain small", type: "button", "aria-label": "New tab", onclick: () => this.open() },
        icon("plus"),
      ),
    );
    fill(this.element, h("ul", items, add));
    this.#keep();
    this.shown(tab.text, tab.id);
  }

  #keep() {
    keep(this.key, { tabs: this.tabs, current: this.current.id });
  }
}
