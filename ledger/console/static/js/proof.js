// A proof as one can follow it: from the hash of what is proven, with each hash of the proof, to the digest.

import { base64, digestIn, dot, hashIn } from "../verify.js";
import { h } from "./dom.js";
import { hashButton } from "./format.js";
import { at, parse } from "./ion.js";

const words = (text) => h("span", { class: "muted fine" }, text);

/** Shows the way; `shown` is a revision or a block, parsed, `digest` the text of its file. Null if there is no way. */
export async function ladder({ shown, proof, digest }) {
  if (!shown || !proof) return null;
  const isBlock = !at(shown, "metadata");
  let candidate = hashIn(at(shown, isBlock ? "blockHash" : "hash"));
  const start = isBlock ? "blockHash of the block" : "hash of the revision";
  const rungs = [h("li", words(start), hashButton(base64(candidate), start))];
  for (const [index, sibling] of proof.value.entries()) {
    const [hash, number] = [hashIn(sibling), index + 1];
    candidate = await dot(candidate, hash);
    const shownHash = hashButton(base64(hash), `hash ${number} of the proof`, 8);
    rungs.push(
      h(
        "li",
        words(`dot, with hash ${number}`),
        shownHash,
        words("="),
        hashButton(base64(candidate), `result ${number}`, 8),
      ),
    );
  }
  const kept = base64(digestIn(parse(digest)));
  const isSame = kept === base64(candidate);
  const text = isSame ? "which is the digest" : "which is not the digest";
  const end = h("li", { class: isSame ? "top good" : "top bad" }, h("b", text), hashButton(kept, "digest"));
  const title = h("summary", `The proof, from hash to hash (${proof.value.length})`);
  return h("details", { open: true }, title, h("ol", { class: "ladder" }, rungs, end));
}

/** Says what was wrong; of two hashes that differ, it marks where. */
export function problemText({ message, reason }) {
  const [, given, computed] = /^given is (\S+), computed is (\S+)$/.exec(message) ?? [];
  if (!given) return h("p", { class: "problem" }, [message, reason].filter(Boolean).join(": "));
  const marked = (text, other) => [...text].map((each, index) => (each === other[index] ? each : h("mark", each)));
  const pairs = { given: marked(given, computed), computed: marked(computed, given) };
  return h(
    "dl",
    { class: "problem" },
    Object.entries(pairs).map(([name, text]) => [h("dt", name), h("dd", text)]),
  );
}
