// What a verification comes to: the verdict, its steps, and the proof from hash to hash up to the digest.

import { announce, fill, h, save } from "./dom.js";
import { icon } from "./icons.js";
import { at, pretty } from "./ion.js";
import { ladder, problemText } from "./proof.js";
import { stepList } from "./steps.js";

export class Outcome {
  /** `again` is told the text of an answer, perhaps changed, to verify that. */
  constructor(ledger, again) {
    Object.assign(this, { ledger, again });
    this.element = h(
      "section",
      { class: "card outcome", "aria-label": "Outcome" },
      h(
        "div",
        { class: "empty" },
        icon("verification"),
        h("h2", "Nothing is verified yet"),
        h(
          "p",
          "Choose a digest file and a document. You see each step, what it has come to, and the one that fails if one does.",
        ),
      ),
    );
  }

  /** Takes the steps one by one, and shows them as they are taken. */
  async take(asked, steps) {
    const taken = [];
    let failure = null;
    try {
      for await (const step of steps) {
        taken.push(step);
        fill(this.element, h("div", { class: "inside stack" }, this.#steps(taken, null, true)));
      }
    } catch (error) {
      failure = error;
    }
    const parts = [
      this.#verdict(asked, taken, failure),
      this.#steps(taken, failure, false),
      await ladder(asked).catch(() => null),
      this.#answer(asked),
    ];
    fill(this.element, h("div", { class: "inside stack" }, parts));
    announce(failure ? `not proven: ${taken.at(-1).name}: ${failure.message}` : "verified");
    this.element.scrollIntoView({ block: "nearest" });
  }

  #verdict({ shown }, taken, failure) {
    if (failure) {
      return h(
        "div",
        { class: "notice bad verdict" },
        h("strong", icon("bad"), "Not proven"),
        h("p", "This step failed: ", h("b", taken.at(-1).name), "."),
        problemText(failure),
      );
    }
    const metadata = at(shown, "metadata");
    const what = metadata
      ? `Version ${at(metadata, "version").source} of document ${at(metadata, "id").value}`
      : `Block ${at(shown, "blockAddress", "sequenceNo").source}`;
    return h(
      "div",
      { class: "notice good verdict" },
      h("strong", icon("good"), "Verified"),
      h("p", `${what} is in ledger ${this.ledger} exactly as it is shown below, and was when the digest was taken.`),
    );
  }

  #steps(taken, failure, isRunning) {
    const steps = taken.map(({ name, found }, index) => {
      const isLast = index === taken.length - 1;
      const kind = isLast && failure ? "bad" : isLast && isRunning ? "wait" : "good";
      // The last step is no check: it shows what was proven, which stands below.
      const isEnd = name.startsWith("this, and nothing else in the file");
      return { kind, name: isEnd ? "this, and nothing else, is proven" : name, found };
    });
    return h("div", { class: "stack tight" }, h("h3", "The steps"), stepList(steps));
  }

  #content(shown) {
    // A revision's address is under no hash of the revision: it only says which block to ask for.
    const proven = at(shown, "metadata")
      ? { ...shown, value: shown.value.filter(([name]) => name !== "blockAddress") }
      : shown;
    return h(
      "div",
      { class: "stack tight" },
      h("h3", "What was verified"),
      h("div", { class: "well" }, pretty(proven)),
    );
  }

  #answer({ answer, shown }) {
    if (!answer) return null;
    const area = h(
      "textarea",
      { class: "mono", rows: "8", spellcheck: "false", "aria-label": "The ledger's answer" },
      answer,
    );
    return [
      shown?.type === "struct" ? this.#content(shown) : null,
      h(
        "details",
        h("summary", "The ledger's answer: save it, or change it"),
        h(
          "div",
          { class: "stack tight" },
          h(
            "p",
            { class: "muted fine" },
            "With the digest file it can be verified anywhere: ",
            h("code", "node verify.js answer.json digest.ion.txt"),
            ". Change a character, and see that it is noticed.",
          ),
          area,
          h(
            "div",
            { class: "row" },
            h("button", { type: "button", onclick: () => this.again(area.value) }, "Verify this text"),
            h(
              "button",
              {
                type: "button",
                class: "plain",
                onclick: () => save(`${this.ledger}-answer.json`, `${area.value}\n`, "application/json"),
              },
              icon("download"),
              "Save",
            ),
          ),
        ),
      ),
    ];
  }
}
