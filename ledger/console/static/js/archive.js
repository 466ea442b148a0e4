// The notarised digests, the newest first: each is read from the archive, and checked here.

import { get, pathOf, query } from "./api.js";
import { fill, h } from "./dom.js";
import { plural } from "./format.js";
import { icon } from "./icons.js";
import { checks, read, readKeys } from "./notarised.js";
import { digestItem, kindOf } from "./record.js";
import { address, problem } from "./router.js";

export class Archive {
  constructor(ledger, signal) {
    Object.assign(this, { ledger, signal, all: [] });
    this.place = h("div", { "aria-live": "polite" });
    this.element = h(
      "section",
      { class: "card", "aria-labelledby": "digests-title" },
      h("h2", { class: "inside", id: "digests-title" }, "Notarised digests"),
      this.place,
    );
  }

  /** Reads another page of older digests. */
  async more(button = null) {
    if (button) button.disabled = true;
    try {
      const before = this.all.at(-1)?.number;
      const told = await get(pathOf(this.ledger, "digests") + query({ before }), this.signal);
      this.keys ??= await readKeys(told.keys);
      this.all.push(...told.digests.map((each) => ({ ...each, notarised: each.content && read(each.content) })));
      await this.#check(told.isLast);
      fill(this.place, this.all.length ? this.#shown(told) : none(told.place, this.ledger));
    } catch (error) {
      if (!this.signal.aborted) fill(this.place, h("div", { class: "inside" }, problem(error)));
    }
  }

  async #check(isLast) {
    for (const [index, each] of this.all.entries()) {
      const next = this.all[index + 1];
      const isKnown = isLast || next;
      const before = next?.number === each.number - 1 ? next.notarised : isKnown ? null : undefined;
      each.checks = await this.#checksOf(each, before);
    }
  }

  async #checksOf({ number, content, notarised, isSole }, before) {
    if (content === null) return [{ name: "it is there", isGood: false, found: "it was removed" }];
    const sole = {
      name: "nothing was written over it",
      isGood: isSole,
      found: isSole ? "" : "this is the first version",
    };
    const { ledger, keys } = this;
    try {
      return [...(await checks(notarised, { ledger, number, keys, before })), sole];
    } catch {
      return [{ name: "it can be read", isGood: false, found: "it is no notarised digest" }, sole];
    }
  }

  #shown({ place, keys, isLast }) {
    return [
      h("p", { class: "inside" }, summary(this.all, place)),
      h(
        "ol",
        { class: "records", reversed: true },
        this.all.map((each) => digestItem(each, this.ledger)),
      ),
      isLast
        ? null
        : h(
            "p",
            { class: "inside" },
            h("button", { type: "button", onclick: (event) => this.more(event.target) }, "Load older digests"),
          ),
      h("div", { class: "inside" }, keyList(keys)),
    ];
  }
}

function summary(all, place) {
  const bad = all.filter(({ checks: found }) => kindOf(found) === "bad").length;
  return [
    `${plural(all.length, "digest")} from `,
    h("code", place),
    ", each checked in your browser: its signature, and that it continues the one before. ",
    bad ? h("b", { class: "bad-text" }, `${bad} ${bad === 1 ? "does" : "do"} not hold.`) : null,
  ];
}

const keyList = (keys) =>
  keys.length
    ? h(
        "details",
        h("summary", `${plural(keys.length, "trusted key")}`),
        h(
          "ul",
          keys.map(({ name, fingerprint }) =>
            h("li", h("code", name), h("div", { class: "muted fine" }, "SHA-256 ", h("code", fingerprint))),
          ),
        ),
      )
    : h(
        "p",
        { class: "notice warn" },
        "Signatures are not checked: the console was not told whose count. Start it with ",
        h("code", "--public-key FILE"),
        " or ",
        h("code", "--kms-key ARN"),
        ". The key that lies beside the digests is no better than its place.",
      );

const none = (place, ledger) =>
  h(
    "div",
    { class: "empty" },
    icon("lock"),
    h(
      "h3",
      place ? "No digest of this ledger has been notarised" : "The console was not told where notarised digests are",
    ),
    h(
      "p",
      place
        ? ["There is none in ", h("code", place), ". A notary takes one as soon as the journal has grown."]
        : ["Start it with ", h("code", "--digests s3://BUCKET"), ", or with a folder to which the bucket was copied."],
    ),
    h(
      "p",
      "Without a notary keep digests yourself: take one now and then, and put the file where the ledger's owner cannot change it.",
    ),
    h("a", { class: "button", href: address(ledger, "verification") }, "Get a digest"),
  );
