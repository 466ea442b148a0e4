// One notarised digest in the list of them: whether it holds, each check of it, and what it can be used for.

import { factList, h, save } from "./dom.js";
import { hash, hashButton, instant } from "./format.js";
import { icon } from "./icons.js";
import { address } from "./router.js";
import { stepList } from "./steps.js";

const WORDS = { good: "holds", bad: "does not hold", open: "not checked" };
const KINDS = new Map([
  [true, "good"],
  [false, "bad"],
  [null, "open"],
]);

/** Gives what checks come to: "good", "bad", or "open". That the one before is not loaded yet does not count. */
export function kindOf(checks) {
  if (checks.some(({ isGood }) => isGood === false)) return "bad";
  return checks.every(({ isGood, name }) => isGood || name.startsWith("it names digest")) ? "good" : "open";
}

export function digestItem(each, ledger) {
  const { number, checks, notarised } = each;
  const [kind, statement] = [kindOf(checks), notarised?.statement];
  const steps = checks.map(({ isGood, name, found }) => ({ kind: KINDS.get(isGood), name, found }));
  return h(
    "li",
    h(
      "details",
      { open: kind === "bad" },
      h(
        "summary",
        h("b", `#${number}`),
        h("span", { class: `badge ${kind}` }, icon(kind), WORDS[kind]),
        statement ? [instant(statement.date), hash(statement.digest)] : null,
      ),
      h(
        "div",
        { class: "inside stack" },
        stepList(steps),
        statement ? [facts(each, ledger), tools(each, ledger)] : null,
      ),
    ),
  );
}

function facts({ location, lockedUntil, notarised: { statement } }, ledger) {
  const block = ({ strandId, sequenceNo }) =>
    h("a", { class: "mono", href: address(ledger, "journal", strandId, sequenceNo) }, `${strandId} ${sequenceNo}`);
  return factList({
    Digest: hashButton(statement.digest, "digest"),
    "Up to": [statement.digestTipAddress].flat().map((tip) => h("div", block(tip))),
    Key: h("code", statement.keyId),
    "Where it is": h("code", location),
    "Kept until": lockedUntil ? instant(lockedUntil) : "nothing but its place keeps it from being removed",
  });
}

function tools({ number, content, notarised: { text } }, ledger) {
  const saving = (name, label, saved, kind) =>
    h("button", { class: `small ${kind}`, type: "button", onclick: () => save(name, saved) }, icon("download"), label);
  const verify = `${address(ledger, "verification")}?notarised=${number}`;
  return h(
    "div",
    { class: "row" },
    h("a", { class: "button small", href: verify }, icon("verification"), "Verify against it"),
    saving(`${ledger}-digest-${number}.json`, "Save it, signature and all", content, ""),
    saving(`${ledger}.ion.txt`, `Save ${ledger}.ion.txt`, `${text}\n`, "plain"),
  );
}
