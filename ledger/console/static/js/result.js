// The result of one statement: its rows, what it cost, or what was wrong with it.

import { pathOf, post } from "./api.js";
import { announce, choice, copy, fill, h, save } from "./dom.js";
import { count, plural } from "./format.js";
import { icon } from "./icons.js";
import { compact, parse } from "./ion.js";
import { problem } from "./router.js";
import { ionOf, tableOf } from "./rows.js";
import { keep, load } from "./storage.js";

export class Result {
  constructor(ledger, names) {
    this.ledger = ledger;
    this.names = names;
    this.element = h("section", { class: "card result", "aria-label": "Result", hidden: true });
    this.rows = [];
  }

  /** Runs a statement and shows its first rows. Gives the error if it fails. */
  async run(statement, parameters) {
    this.leave();
    this.statement = statement;
    Object.assign(this, {
      rows: [],
      id: crypto.randomUUID(),
      cost: { reads: 0, writes: 0, milliseconds: 0 },
      isRunning: true,
    });
    this.element.hidden = false;
    fill(this.element, h("p", { class: "inside muted" }, "Running…"));
    return this.#take(post(pathOf(this.ledger, "runs"), { run: this.id, statement, parameters }));
  }

  more(button) {
    button.disabled = true; // until the next page is drawn: pages that are asked for at once may come in another order
    return this.#take(post(`/api/runs/${this.id}/rows`, {}));
  }

  stop = () => post(`/api/runs/${this.id}/stop`, {}).catch(() => {}); // its answer comes from the run itself

  /** Lets the ledger forget rows that nobody is going to ask for. */
  leave() {
    if (this.id && this.isLast === false) this.stop();
  }

  async #take(asked) {
    try {
      const page = await asked;
      const rows = page.rows.map(parse);
      this.rows.push(...rows);
      this.names.learn(rows);
      this.cost.reads += page.readIOs;
      this.cost.writes += page.writeIOs;
      this.cost.milliseconds += page.milliseconds;
      Object.assign(this, { isLast: page.isLast, transactionId: page.transactionId });
      this.#draw();
      announce(`${plural(this.rows.length, "row")}${this.isLast ? "" : ", and there are more"}`);
      return null;
    } catch (error) {
      this.#fail(error);
      return error;
    } finally {
      this.isRunning = false;
    }
  }

  #fail(error) {
    const kept = this.rows.length
      ? [h("p", { class: "inside muted" }, "The rows so far are not a whole result of one moment."), this.#shown()]
      : [];
    fill(this.element, h("div", { class: "inside stack" }, problem(error), excerpt(this.statement, error)), kept);
  }

  #draw() {
    const { reads, writes, milliseconds } = this.cost;
    const seconds = milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
    const facts = [
      ["rows", `${count(this.rows.length)}${this.isLast ? "" : "+"}`],
      ["read IOs", count(reads)],
      ["write IOs", count(writes)],
      ["in the ledger", seconds],
    ];
    const costs = facts.map(([name, value]) => h("div", h("dd", value), h("dt", name)));
    const tools = this.rows.length ? [this.#choice(), this.#copyButton(), this.#saveButton()] : [];
    const rest = this.isLast
      ? null
      : h("p", { class: "inside" }, h("button", { type: "button", onclick: (event) => this.more(event.target) }, "Load more rows"));
    fill(
      this.element,
      h(
        "div",
        { class: "result-head" },
        h("dl", { class: "costs" }, costs),
        h("div", { class: "row middle end" }, tools),
      ),
      this.rows.length
        ? this.#shown()
        : h("p", { class: "inside muted" }, "The statement was committed; it has no rows."),
      rest,
      h("p", { class: "foot muted" }, "Transaction ", h("code", this.transactionId)),
    );
  }

  #shown() {
    const isIon = load("view", "table") === "ion";
    const view = isIon ? h("div", { class: "inside" }, ionOf(this.rows)) : tableOf(this.rows, this.ledger);
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Rows" }, view);
  }

  #choice() {
    const choose = (view) => {
      keep("view", view);
      this.#draw();
      this.element.querySelector("input:checked").focus();
    };
    return choice("Show the rows as", { table: "Table", ion: "Ion" }, load("view", "table"), choose);
  }

  #copyButton = () =>
    h(
      "button",
      { class: "plain small", type: "button", onclick: () => copy(this.#text(), "rows") },
      icon("copy"),
      "Copy",
    );

  #saveButton = () =>
    h(
      "button",
      { class: "plain small", type: "button", onclick: () => save(`${this.ledger}-rows.ion`, this.#text()) },
      icon("download"),
      "Download",
    );

  #text = () => this.rows.map(compact).join("\n") + "\n";
}

/** Shows the line in which an error is, with a mark under its column. */
function excerpt(statement, { line, column }) {
  const text = line && statement.split("\n")[line - 1];
  if (!text && text !== "") return null;
  const start = Math.max(0, column - 60);
  const mark = h("span", { class: "caret" }, `${" ".repeat(column - 1 - start)}^`);
  return h("pre", { class: "well excerpt", "aria-hidden": "true" }, text.slice(start, start + 120), "\n", mark);
}
