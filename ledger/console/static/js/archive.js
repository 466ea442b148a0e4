// The notarised digests, the newest first: each is read from the archive, and checked here.

import { get, pathOf, query } from "./api.js";
import { fill, h, save } from "./dom.js";
import { hash, hashButton, instant, plural } from "./format.js";
import { icon } from "./icons.js";
import { checks, read, readKeys } from "./notarised.js";
import { address, problem } from "./router.js";
import { stepList } from "./steps.js";

const KINDS = new Map([
  [true, "good"],
  [false, "bad"],
  [null, "open"],
]);

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
  async more() {
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
        this.all.map((each) => this.#item(each)),
      ),
      isLast
        ? null
        : h(
            "p",
            { class: "inside" },
            h("button", { type: "button", onclick: () => this.more() }, "Load older digests"),
          ),
      h("div", { class: "inside" }, keyList(keys)),
    ];
  }

  #item(each) {
    const { number, checks: found, notarised } = each;
    const kind = kindOf(found);
    const words = { good: "holds", bad: "does not hold", open: "not checked" };
    const statement = notarised?.statement;
    return h(
      "li",
      h(
        "details",
        { open: kind === "bad" },
        h(
          "summary",
          h("b", `#${number}`),
          h("span", { class: `badge ${kind}` }, icon(kind), words[kind]),
          statement ? [instant(statement.date), hash(statement.digest)] : null,
        ),
        h("div", { class: "inside stack" }, stepList(steps(found)), statement ? this.#facts(each) : null),
      ),
    );
  }

  #facts({ number, location, lockedUntil, content, notarised: { text, statement } }) {
    const tips = [statement.digestTipAddress].flat();
    const facts = {
      Digest: hashButton(statement.digest, "digest"),
      "Up to": tips.map(({ strandId, sequenceNo }) =>
        h(
          "div",
          h(
            "a",
            { class: "mono", href: address(this.ledger, "journal", strandId, sequenceNo) },
            `${strandId} ${sequenceNo}`,
          ),
        ),
      ),
      Key: h("code", statement.keyId),
      "Where it is": h("code", location),
      "Kept until": lockedUntil ? instant(lockedUntil) : "nothing but its place keeps it from being removed",
    };
    const verify = `${address(this.ledger, "verification")}?notarised=${number}`;
    return [
      h(
        "dl",
        { class: "facts" },
        Object.entries(facts).map(([name, value]) => h("div", h("dt", name), h("dd", value))),
      ),
      h(
        "div",
        { class: "row" },
        h("a", { class: "button small", href: verify }, icon("verification"), "Verify against it"),
        h(
          "button",
          {
            class: "small",
            type: "button",
            onclick: () => save(`${this.ledger}-digest-${number}.json`, content, "application/json"),
          },
          icon("download"),
          "Save it, signature and all",
        ),
        h(
          "button",
          { class: "small plain", type: "button", onclick: () => save(`${this.ledger}.ion.txt`, `${text}\n`) },
          icon("download"),
          `Save ${this.ledger}.ion.txt`,
        ),
      ),
    ];
  }
}

const steps = (found) => found.map(({ isGood, ...step }) => ({ kind: KINDS.get(isGood), ...step }));

const kindOf = (found) =>
  found.some(({ isGood }) => isGood === false)
    ? "bad"
    : found.every(({ isGood, name }) => isGood || name.startsWith("it names digest"))
      ? "good"
      : "open";

function summary(all, place) {
  const bad = all.filter(({ checks: found }) => kindOf(found) === "bad").length;
  const what = bad
    ? h("b", { class: "bad-text" }, `${bad} of ${plural(all.length, "digest")} do not hold`)
    : `${plural(all.length, "digest")}`;
  return [
    what,
    " from ",
    h("code", place),
    ", each checked in your browser: its signature, and that it continues the one before.",
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
      place ? "No digest of this ledger has been notarised" : "Where notarised digests are, the console was not told",
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
