// The steps of a verification, as the verifier gives them: each before it is taken, so that the last one given is the one
// that fails. Only one of them asks the ledger; its answer is what the others check.

import { answer, base64, digestIn } from "../verify.js";
import { pathOf, post } from "./api.js";
import { at, parse } from "./ion.js";
import { instantText } from "./format.js";

const step = (name) => ({ name, found: "" });

/** `asked` has the text of the digest's file, and what is to be verified; or `answer`, what a ledger has answered before. */
export async function* journey(asked, signal) {
  const read = step("read the digest file");
  yield read;
  if (!asked.digest.trim()) throw new Error("there is none: choose the file that you saved, or take a digest");
  const digest = parse(asked.digest);
  digestIn(digest);
  const [tip, ledger, date] = ["digestTipAddress", "ledger", "date"].map((name) => at(digest, name));
  if (!tip || !ledger) throw new Error(`${tip ? "ledger" : "digestTipAddress"} is missing`);
  read.found = date ? `taken ${instantText(date.value ?? date.source)}` : "";

  const named = step(`the digest is of ledger ${asked.ledger}`);
  yield named;
  if (ledger.value !== asked.ledger) throw new Error(`it is of ledger ${ledger.source}`);

  const ask = step(
    asked.answer
      ? "read the answer below"
      : `ask the ledger for the ${asked.documentId ? "revision" : "block"} and its proof`,
  );
  yield ask;
  asked.answer ??= await answerOf(asked, tip, digest, signal);
  const given = parse(asked.answer);
  const proof = at(given, "proof");
  asked.shown = parse((at(given, "revision") ?? at(given, "block"))?.value ?? "null");
  asked.proof = proof ? parse(proof.value) : null;
  ask.found = asked.proof ? `a proof of ${asked.proof.value.length} hashes` : "";
  yield* answer(given, digest);
}

/** Asks the ledger, and gives its answer as `python -m ledger verify --answer` saves it. */
async function answerOf({ ledger, documentId, blockAddress }, tip, digest, signal) {
  if (!documentId && !blockAddress) throw new Error("give a document id, or a block address, or both");
  if (blockAddress) parse(blockAddress);
  const digestTipAddress = tip.type === "string" ? tip.value : tip.source;
  const place = { digestTipAddress, ...(blockAddress && { blockAddress }) };
  const told = documentId
    ? await post(pathOf(ledger, "revision"), { documentId, ...place }, signal)
    : await post(pathOf(ledger, "block"), place, signal);
  const { revision, block, proof } = told;
  const shown = revision ? { revision } : { block };
  return JSON.stringify({ ...shown, proof, digest: base64(digestIn(digest)), digestTipAddress }, null, 2);
}
