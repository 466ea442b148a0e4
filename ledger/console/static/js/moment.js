// A document over time: a chart of one of its numbers, a slider over its versions, and the version of a moment.

import { chart } from "./chart.js";
import { choice, fill, h } from "./dom.js";
import { instant, instantText } from "./format.js";
import { asNumber, at, isNumber } from "./ion.js";

export const FAVOURITES = ["CurrentBalance", "balance", "amount"];

export class Moment {
  /** `choose` is told of a version. */
  constructor(revisions, choose, signal) {
    Object.assign(this, { revisions, choose, signal, scale: "time", chosen: 0 });
    [this.figure, this.now] = [h("div"), h("p", { class: "now" })];
    const oninput = () => choose(Number(this.slider.value), false);
    this.slider = h("input", { type: "range", min: 0, step: 1, "aria-label": "Version", oninput });
    this.date = h("input", { type: "datetime-local", step: "1", required: true, "aria-label": "As of, in UTC" });
    this.tools = h("div", { class: "row middle" });
    const asOf = h(
      "form",
      { class: "row middle end", onsubmit: (event) => this.#go(event) },
      h("span", { class: "muted fine" }, "As of (UTC)"),
      h("div", this.date),
      h("button", { class: "small" }, "Go"),
    );
    const inside = [this.tools, this.figure, this.slider, h("div", { class: "row middle" }, this.now, asOf)];
    this.element = h(
      "section",
      { class: "card", "aria-label": "Over time" },
      h("div", { class: "inside stack tight" }, inside),
    );
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  /** Begins with the revisions that are there. */
  start() {
    const fields = this.#fields();
    this.field = fields[0];
    this.slider.max = this.revisions.newest;
    if (fields.length) fill(this.tools, h("div", { class: "chart-field" }, this.#select(fields)), this.#scale());
  }

  show({ version, time }) {
    this.chosen = version;
    this.slider.min = this.revisions.oldest;
    this.slider.value = version;
    this.slider.setAttribute("aria-valuetext", `version ${version}, ${instantText(time)}`);
    fill(this.now, `Version ${version} of ${this.revisions.newest}, from `, instant(time));
    this.#draw();
  }

  #fields() {
    const last = this.revisions.all.findLast(({ data }) => data)?.data;
    const names = (last?.value ?? []).filter(([, value]) => isNumber(value)).map(([name]) => name);
    return names.sort((one, other) => FAVOURITES.includes(other) - FAVOURITES.includes(one));
  }

  #select(fields) {
    const onchange = (event) => {
      this.field = event.target.value;
      this.#draw();
    };
    return h(
      "select",
      { "aria-label": "Field of the chart", onchange },
      fields.map((name) => h("option", name)),
    );
  }

  #scale() {
    const choose = (scale) => {
      this.scale = scale;
      this.#draw();
    };
    return h("div", { class: "end" }, choice("Scale", { time: "By time", version: "By version" }, this.scale, choose));
  }

  #draw() {
    if (!this.field) return;
    const points = this.revisions.all.flatMap(({ version, time, data }) => {
      const value = data && at(data, this.field);
      return value && isNumber(value) ? [{ version, time, value: asNumber(value) }] : [];
    });
    const { field, scale, chosen, choose } = this;
    const width = Math.max(280, this.figure.clientWidth);
    const isLine = points.length > 1;
    fill(
      this.figure,
      isLine
        ? chart(points, { field, width, byTime: scale === "time", chosen, onchoose: choose })
        : h("p", { class: "muted" }, "There is nothing to draw."),
    );
  }

  async #go(event) {
    event.preventDefault();
    try {
      const { version } = await this.revisions.at(`${this.date.value}Z`, this.signal);
      await this.choose(version);
    } catch (error) {
      fill(this.now, h("span", { class: "bad-text", role: "alert" }, error.message));
    }
  }
}
