// The time line of a document: its revisions, the newest first, each with what it changed.

import { changes } from "./diff.js";
import { fill, h } from "./dom.js";
import { instant } from "./format.js";
import { compact } from "./ion.js";
import { FAVOURITES } from "./moment.js";

export class Timeline {
  constructor(revisions, choose, signal) {
    Object.assign(this, { revisions, choose, signal });
    this.list = h("ol", { reversed: true, tabindex: "0", "aria-label": "Revisions, the newest first" });
    this.element = h("section", { class: "card timeline", "aria-label": "Revisions" }, h("h2", "Revisions"), this.list);
  }

  show({ version }) {
    const { all, oldest } = this.revisions;
    const items = all.map((revision, index) => entry(revision, all[index - 1], version, this.choose)).reverse();
    const onclick = async () => {
      await this.revisions.more(this.signal);
      this.choose(version, false);
    };
    const more = h("li", h("button", { type: "button", class: "small", onclick }, "Load older revisions"));
    const hadFocus = this.list.contains(document.activeElement);
    const scrolled = this.list.scrollTop;
    fill(this.list, items, oldest > 0 ? more : null);
    this.list.scrollTop = scrolled;
    this.#reveal(this.list.querySelector("[aria-current]"), hadFocus);
  }

  #reveal(current, hadFocus) {
    if (hadFocus) current.focus({ preventScroll: true });
    const { offsetTop, offsetHeight } = current.parentElement;
    const isAbove = offsetTop < this.list.scrollTop;
    const isBelow = offsetTop + offsetHeight > this.list.scrollTop + this.list.clientHeight;
    if (isAbove || isBelow) this.list.scrollTop = offsetTop - offsetHeight;
  }
}

function entry(revision, before, chosen, choose) {
  const { version, time, state } = revision;
  const words = { deleted: "deleted", redacted: "data redacted" }[state] ?? summary(before, revision);
  const attributes = { type: "button", class: "entry", "aria-current": version === chosen ? "true" : null };
  return h(
    "li",
    { class: state },
    h(
      "button",
      { ...attributes, onclick: () => choose(version) },
      h("span", { class: "version" }, version),
      h("span", { class: "words" }, words),
      h("span", { class: "muted fine" }, instant(time)),
    ),
  );
}

/** Says in a line what a revision changed: the field that counts most, and how many others. */
function summary(before, revision) {
  if (!before) return revision.version ? "an older revision" : "created";
  if (!before.data) return "changed";
  const found = changes(before.data, revision.data);
  const best = found.find(({ path }) => FAVOURITES.includes(path)) ?? found[0];
  if (!best) return "the same data";
  const text = (value) => (value ? compact(value).slice(0, 24) : "nothing");
  const more = found.length > 1 ? h("span", { class: "muted" }, ` +${found.length - 1}`) : null;
  return [best.path, " ", text(best.before), " → ", h("b", text(best.after)), more];
}
