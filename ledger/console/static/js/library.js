// What stands beside the editor: the tables with their fields, statements that were saved, and those that ran of late.

import { announce, choice, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { problem } from "./router.js";
import { keep, load } from "./storage.js";
import { quoted } from "./words.js";

const MOST_RECENT = 50;

export class Library {
  /** `open` takes a text for the editor, `insert` one for its cursor. */
  constructor(ledger, names, { open, insert }) {
    Object.assign(this, { ledger, names, open, insert, tables: null });
    this.saved = load(`saved.${ledger}`, []);
    this.recent = load(`recent.${ledger}`, []);
    this.list = h("div", { class: "library-list" });
    this.view = "tables";
    const views = { tables: "Tables", saved: "Saved", recent: "Recent" };
    this.element = h(
      "aside",
      { class: "card library", "aria-label": "Tables and statements" },
      choice("Show", views, this.view, (view) => this.#show(view)),
      this.list,
    );
  }

  /** Reads the catalog, and fields of every table for the completion. */
  async refresh(signal) {
    try {
      this.tables = await this.names.refresh(signal);
      this.#show(this.view);
      await Promise.all(this.names.tables.map(({ name }) => this.names.fieldsOf(name, signal)));
      this.#show(this.view);
    } catch (error) {
      if (!signal.aborted) fill(this.list, problem(error));
    }
  }

  /** Takes down that a statement ran. */
  ran(text, isGood) {
    this.recent = [
      { text, isGood, date: new Date().toISOString() },
      ...this.recent.filter((each) => each.text !== text),
    ].slice(0, MOST_RECENT);
    keep(`recent.${this.ledger}`, this.recent);
    if (this.view === "recent") this.#show("recent");
  }

  save(text) {
    if (!text) return;
    this.saved = [{ text }, ...this.saved.filter((each) => each.text !== text)];
    keep(`saved.${this.ledger}`, this.saved);
    announce("statement saved");
    this.element.querySelector("[value=saved]").checked = true;
    this.#show("saved");
  }

  #show(view) {
    this.view = view;
    if (view === "tables")
      return fill(this.list, this.tables ? this.#tables() : h("p", { class: "muted inside" }, "Reading…"));
    const statements = view === "saved" ? this.saved : this.recent;
    const none = view === "saved" ? "Save a statement to find it here." : "Statements that ran are listed here.";
    return fill(
      this.list,
      statements.length
        ? h(
            "ul",
            statements.map((each) => this.#statement(each, view)),
          )
        : h("p", { class: "muted inside" }, none),
    );
  }

  #tables() {
    const shown = this.tables.filter(({ status }) => status === "ACTIVE").map((table) => this.#table(table));
    return shown.length
      ? h("ul", shown)
      : h("p", { class: "muted inside" }, "There is no table yet: CREATE TABLE makes one.");
  }

  #table({ name, indexes }) {
    const fields = this.names.fields.get(name) ?? [];
    const indexed = new Map(indexes.map(({ field, status }) => [field, status]));
    const all = [
      ...fields,
      ...indexes
        .filter(({ field }) => !fields.some((each) => each.name === field))
        .map(({ field }) => ({ name: field, types: [] })),
    ];
    const rows = all.map((field) =>
      h(
        "li",
        h(
          "button",
          { class: "plain small", type: "button", onclick: () => this.insert(quoted(field.name)) },
          h("span", { class: "mono" }, field.name),
          h("span", { class: "muted" }, field.types.join(", ")),
          indexed.has(field.name)
            ? h("span", { class: "badge accent", title: `index ${indexed.get(field.name)}` }, icon("index"), "index")
            : null,
        ),
      ),
    );
    return h(
      "li",
      h(
        "details",
        { open: this.tables.length < 4 },
        h("summary", icon("table"), name),
        h("ul", { class: "fields" }, rows),
        h(
          "button",
          { class: "small", type: "button", onclick: () => this.open(`SELECT * FROM ${quoted(name)}`) },
          "Query it",
        ),
      ),
    );
  }

  #statement(each, view) {
    const forget = () => {
      this[view] = this[view].filter((other) => other !== each);
      keep(`${view}.${this.ledger}`, this[view]);
      this.#show(view);
    };
    const failed = each.isGood === false ? h("span", { class: "badge bad" }, "failed") : null;
    return h(
      "li",
      { class: "kept" },
      h(
        "button",
        { class: "plain", type: "button", title: each.text, onclick: () => this.open(each.text) },
        h("code", each.text.slice(0, 200)),
        failed,
      ),
      h(
        "button",
        { class: "plain small", type: "button", "aria-label": `Forget ${each.text.slice(0, 40)}`, onclick: forget },
        icon("close"),
      ),
    );
  }
}
