// How a block's hash comes about: every hash in it, what it is the hash of, and whether that is so, computed here.

import { base64, block, dot, entries, merkle } from "../verify.js";
import { h } from "./dom.js";
import { hashButton } from "./format.js";
import { icon } from "./icons.js";
import { at } from "./ion.js";

const EXPLAINED = {
  "blockAddress, transactionId, blockTimestamp":
    "where and when: the hash of blockAddress, transactionId and blockTimestamp",
  revisions: "the Merkle root over the hashes of the revisions",
  "the ledger's own facts": "the ledger's own facts, such as the version of its catalog; only their hash is shown",
  transactionInfo: "the hash of the statements, and of which documents they changed",
  redactionInfo: "the hash of what this transaction asked to redact",
};

const UNKNOWN = "cannot be computed from what is shown";

/** Explains the hashes of a block, parsed; `before` is the summary of the block before it, if there is one. */
export async function anatomy(value, before, linkTo) {
  const given = Object.fromEntries(value.value);
  const listed = given.entriesHashList.value.map((each) => each.value);
  const computed = await entries(given);
  const rows = listed.map((hash, at) => ({
    name: `entriesHashList[${at}]`,
    text: EXPLAINED[computed[at]?.name] ?? "nothing that the block shows",
    hash,
    expected: computed[at]?.hash,
  }));
  const previous = given.previousBlockHash.value;
  const root = await merkle(listed);
  const failure = await firstFailure(value);
  const number = Number(at(value, "blockAddress", "sequenceNo").value);
  return h(
    "section",
    { class: "stack tight", "aria-label": "Hashes" },
    h("div", { class: "row middle" }, h("h3", "How its hash comes about"), verdict(failure)),
    failure ? h("p", { class: "notice bad" }, `${failure.step}: ${failure.problem}`) : null,
    h(
      "ol",
      { class: "anatomy" },
      h("li", h("ul", { class: "entries" }, rows.map(row))),
      combined("the Merkle root over these"),
      row({
        name: "entriesHash",
        text: "stands for all that the block says",
        hash: given.entriesHash.value,
        expected: root,
      }),
      number
        ? row({
            name: "previousBlockHash",
            text: [
              "the hash of ",
              h("a", { href: linkTo(number - 1) }, `block ${number - 1}`),
              ": so each block stands for all before it",
            ],
            hash: previous,
            told: before?.blockHash,
          })
        : null,
      combined(number ? "dot: the hash of these two" : "the first block of a strand has none before it"),
      row({
        name: "blockHash",
        text: "the leaf of the tree whose root is the digest",
        hash: given.blockHash.value,
        expected: await dot(root, previous),
      }),
    ),
  );
}

async function firstFailure(value) {
  let last = { name: "" };
  try {
    for await (const step of block(value)) last = step;
    return null;
  } catch (error) {
    return { step: last.name, problem: error.message };
  }
}

function row({ name, text, hash, expected, told }) {
  const wanted = expected ? base64(expected) : told;
  const given = base64(hash);
  const state = wanted === undefined ? null : wanted === given;
  const words = {
    true: expected ? "computed here: the same" : "the same as that block's",
    false: "differs from what was computed",
  };
  const sign =
    state === null
      ? h("span", { class: "sign muted", title: UNKNOWN }, icon("open"), h("span", { class: "unseen" }, UNKNOWN))
      : h(
          "span",
          { class: `sign ${state ? "good" : "bad"}`, title: words[state] },
          icon(state ? "good" : "bad"),
          h("span", { class: "unseen" }, words[state]),
        );
  return h(
    "li",
    { class: "entry-hash" },
    sign,
    h("div", h("code", name), h("p", { class: "muted fine" }, text)),
    hashButton(given, name),
  );
}

const combined = (text) => h("li", { class: "combined" }, text);

const verdict = (failure) =>
  failure
    ? h("span", { class: "badge bad" }, icon("bad"), "does not add up")
    : h("span", { class: "badge good" }, icon("good"), "computed anew in your browser");
