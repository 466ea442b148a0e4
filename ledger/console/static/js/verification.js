// The page "Verification": take a digest and keep it; later choose a document or a block, and have it proven.

import { get, pathOf, query } from "./api.js";
import { DigestCard, DigestInput } from "./digest.js";
import { fill, h, hintedField } from "./dom.js";
import { icon } from "./icons.js";
import { journey } from "./journey.js";
import { read as readNotarised } from "./notarised.js";
import { Outcome } from "./outcome.js";
import { head } from "./router.js";

export async function show(main, { ledger, search, signal }) {
  const input = new DigestInput(ledger);
  const outcome = new Outcome(ledger, (text) => verify(text));
  const documentId = h("input", { class: "mono", spellcheck: "false", placeholder: "empty to verify the whole block" });
  const address = h("input", { class: "mono", spellcheck: "false", placeholder: '{strandId:"…",sequenceNo:7}' });
  const button = h("button", { class: "primary" }, icon("verification"), "Verify");

  async function verify(answer = null) {
    button.disabled = true;
    const asked = {
      ledger,
      digest: input.text,
      documentId: documentId.value.trim(),
      blockAddress: address.value.trim(),
      answer,
    };
    await outcome.take(asked, journey(asked, signal));
    button.disabled = false;
  }

  async function read(given) {
    documentId.value = given.get("document") ?? "";
    address.value = given.has("strand") ? `{strandId:"${given.get("strand")}",sequenceNo:${given.get("block")}}` : "";
    if (given.has("notarised")) input.use(...(await notarised(Number(given.get("notarised")))));
  }

  async function notarised(number) {
    const { digests } = await get(pathOf(ledger, "digests") + query({ before: number + 1, limit: 1 }), signal);
    const found = digests[0]?.number === number ? readNotarised(digests[0].content) : null;
    return [
      found?.text ?? "",
      found ? `notarised digest ${number}` : `nothing: notarised digest ${number} cannot be read`,
    ];
  }

  const submit = (event) => {
    event.preventDefault();
    verify();
  };
  fill(
    main,
    head(
      "Verification",
      "Everything here is computed in your browser, by a verifier that you can read: the ledger gives the revision and the proof, and has no say in the verdict.",
      h(
        "a",
        { class: "button small end", href: "/static/verify.js", download: "verify.js" },
        icon("download"),
        "The verifier",
      ),
    ),
    h(
      "div",
      { class: "columns half" },
      h(
        "div",
        { class: "stack" },
        new DigestCard(ledger, signal, (text) => input.use(text, "the digest taken above")).element,
        h(
          "section",
          { class: "card", "aria-labelledby": "verify-title" },
          h(
            "form",
            { class: "inside stack", onsubmit: submit },
            h("h2", { id: "verify-title" }, h("span", { class: "numeral" }, "2"), "Verify a document or a block"),
            h("label", { class: "field" }, "Document id", documentId),
            hintedField(
              "Block address",
              address,
              "With a document id it may be empty: then the newest revision is verified.",
            ),
            input.element,
            h("div", { class: "row" }, button),
          ),
        ),
      ),
      outcome.element,
    ),
  );
  await read(search);
  return (_, given) => read(given);
}
