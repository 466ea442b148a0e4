// Choosing a document: by its id, or from a table, perhaps by a field.

import { pathOf, post } from "./api.js";
import { fill, h } from "./dom.js";
import { instant, plural } from "./format.js";
import { icon } from "./icons.js";
import { at, compact, parse } from "./ion.js";
import { Names } from "./names.js";
import { address, head, problem } from "./router.js";
import { quoted } from "./words.js";

export async function browse(main, ledger, signal) {
  const names = new Names(ledger);
  await names.refresh(signal);
  const found = h("div", { "aria-live": "polite" });
  const id = h("input", {
    class: "mono",
    placeholder: "22 letters and digits",
    spellcheck: "false",
    required: true,
    minlength: "22",
    maxlength: "22",
  });
  const table = h(
    "select",
    { onchange: choose },
    names.tables.map(({ name }) => h("option", name)),
  );
  const field = h("select");
  const value = h("input", { placeholder: "any" });
  const list = new DocumentList(ledger, found);

  async function choose() {
    if (!table.value) return fill(found, none("There is no table in this ledger yet."));
    const fields = await names.fieldsOf(table.value, signal);
    fill(
      field,
      fields.map(({ name }) => h("option", name)),
    );
    return search();
  }

  function search(event) {
    event?.preventDefault();
    const types = names.fields.get(table.value).find(({ name }) => name === field.value)?.types ?? [];
    const parameter = types.includes("string") ? JSON.stringify(value.value) : value.value;
    return list.show(table.value, value.value ? field.value : null, parameter);
  }

  const open = (event) => {
    event.preventDefault();
    location.hash = address(ledger, "document", id.value);
  };
  fill(
    main,
    head(
      "Documents",
      "Every document keeps all its revisions. Open one to read its history, compare revisions, and see it at any point in time.",
    ),
    h(
      "div",
      { class: "stack" },
      h(
        "section",
        { class: "card", "aria-label": "Find a document" },
        h(
          "div",
          { class: "inside columns half" },
          h(
            "form",
            { class: "row", onsubmit: search, hidden: !names.tables.length },
            h("label", { class: "field third" }, "Table", table),
            h("label", { class: "field third" }, "Field", field),
            h("label", { class: "field third" }, "Value", value),
            h("button", "Find"),
          ),
          h(
            "form",
            { class: "row", onsubmit: open },
            h("label", { class: "field grows" }, "Document id", id),
            h("button", { class: "primary" }, "Open"),
          ),
        ),
      ),
      found,
    ),
  );
  await choose();
}

const none = (text) => h("div", { class: "card empty" }, icon("documents"), h("p", text));

class DocumentList {
  constructor(ledger, element) {
    Object.assign(this, { ledger, element });
  }

  /** Shows the documents of a table, or those with a value in a field. */
  async show(table, field, parameter) {
    const where = field ? ` WHERE c.data.${quoted(field)} = ?` : "";
    const statement = `SELECT c.metadata.id, c.metadata.version, c.metadata.txTime, c.data FROM ${quoted(`_ql_committed_${table}`)} AS c${where}`;
    const run = crypto.randomUUID();
    Object.assign(this, { run, rows: [], table });
    const asked = { run, statement, parameters: field ? [parameter] : [] };
    await this.#take(run, post(pathOf(this.ledger, "runs"), asked));
  }

  async #take(run, asked) {
    try {
      const page = await asked;
      if (this.run !== run) return; // something else was looked for meanwhile
      this.rows.push(...page.rows.map(parse));
      fill(
        this.element,
        this.rows.length ? this.#card(page.isLast) : none("No document is there, or none with this value."),
      );
    } catch (error) {
      if (this.run === run) fill(this.element, problem(error));
    }
  }

  #card(isLast) {
    const rows = this.rows.map((row) =>
      h(
        "tr",
        {},
        h(
          "td",
          h("a", { class: "mono", href: address(this.ledger, "document", at(row, "id").value) }, at(row, "id").value),
        ),
        h("td", { class: "numeric" }, at(row, "version").source),
        h("td", { class: "time" }, instant(at(row, "txTime").source)),
        h(
          "td",
          { class: "line" },
          at(row, "data") ? h("code", compact(at(row, "data"))) : h("span", { class: "badge warn" }, "redacted"),
        ),
      ),
    );
    const more = ({ target }) => {
      target.disabled = true;
      return this.#take(this.run, post(`/api/runs/${this.run}/rows`, {}));
    };
    const heads = [["Document id"], ["Version", "numeric"], ["Changed"], ["Data"]];
    return h(
      "section",
      { class: "card", "aria-label": "Documents" },
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": "List" },
        h(
          "table",
          { class: "documents" },
          h(
            "caption",
            { class: "inside" },
            `${plural(this.rows.length, "document")}${isLast ? "" : " and more"} in ${this.table}`,
          ),
          h(
            "thead",
            h(
              "tr",
              heads.map(([name, kind]) => h("th", { scope: "col", class: kind }, name)),
            ),
          ),
          h("tbody", rows),
        ),
      ),
      isLast ? null : h("p", { class: "inside" }, h("button", { type: "button", onclick: more }, "Load more")),
    );
  }
}
