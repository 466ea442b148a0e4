// The history of one document: a chart and a slider over time, a time line, and the revision that is chosen on either.

import { announce, fill, h } from "./dom.js";
import { instantText, plural } from "./format.js";
import { icon } from "./icons.js";
import { Moment } from "./moment.js";
import { RevisionView } from "./revision.js";
import { Revisions } from "./revisions.js";
import { address, problem } from "./router.js";
import { Timeline } from "./timeline.js";

const STATES = { current: ["good", "current"], deleted: ["bad", "deleted"], redacted: ["warn", "redacted"] };

export class HistoryView {
  constructor(ledger, id, signal) {
    Object.assign(this, { ledger, id, signal, chosen: 0 });
    this.revisions = new Revisions(ledger, id);
    const choose = (version, isTold) => this.choose(version, isTold);
    this.moment = new Moment(this.revisions, choose, signal);
    this.timeline = new Timeline(this.revisions, choose, signal);
    this.detail = new RevisionView(ledger, this.revisions, choose);
    this.header = h("div");
    const columns = h("div", { class: "columns narrow-first" }, this.timeline.element, this.detail.element);
    this.element = h("div", { class: "stack" }, this.header, this.moment.element, columns);
  }

  async start(version) {
    try {
      await this.revisions.more(this.signal);
      this.#drawHeader();
      this.moment.start();
      await this.choose(version ?? this.revisions.newest, false);
    } catch (error) {
      fill(this.element, h("div", { class: "page-head" }, h("h1", "Document")), problem(error));
    }
  }

  /** Shows a version. */
  async choose(version, isTold = true) {
    const wanted = Math.max(0, Math.min(version, this.revisions.newest));
    this.chosen = wanted;
    await this.revisions.version(this.detail.oldestNeeded(wanted), this.signal);
    const revision = await this.revisions.version(wanted, this.signal);
    if (this.chosen !== wanted) return; // another one was chosen meanwhile
    for (const part of [this.timeline, this.detail, this.moment]) part.show(revision);
    history.replaceState(null, "", `${address(this.ledger, "document", this.id)}?version=${wanted}`);
    if (isTold) announce(`version ${wanted}, ${instantText(revision.time)}`);
  }

  #drawHeader() {
    const { newest, table, all } = this.revisions;
    const [kind, word] = STATES[all.at(-1).state];
    fill(
      this.header,
      h(
        "div",
        { class: "page-head" },
        h("h1", "Document"),
        h("code", { class: "document-id" }, this.id),
        h("span", { class: "badge accent" }, icon("table"), table),
        h("span", { class: `badge ${kind}` }, word),
        h("span", { class: "badge" }, plural(newest + 1, "revision")),
        h("a", { class: "button small end", href: address(this.ledger, "document") }, "All documents"),
      ),
    );
  }
}
