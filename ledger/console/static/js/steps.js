// Steps of a check, each with its sign and what it has come to.

import { h } from "./dom.js";
import { hashButton } from "./format.js";
import { icon } from "./icons.js";

const WORDS = { good: "holds", bad: "failed", wait: "under way", open: "not known" };
const HASH = /^[A-Za-z0-9+/]{43}=$/;

/** Lists steps, {kind, name, found}: the kind is "good", "bad", "wait", or "open" for what cannot be told. */
export const stepList = (steps) =>
  h(
    "ol",
    { class: "steps" },
    steps.map(({ kind, name, found }) => {
      const result = HASH.test(found) ? hashButton(found, name) : h("span", { class: "muted" }, found);
      return h(
        "li",
        { class: kind },
        h("span", { class: `sign ${kind}` }, icon(kind), h("span", { class: "unseen" }, WORDS[kind])),
        h("div", h("p", name), found ? result : null),
      );
    }),
  );
