// The keys of the console: a dialog that lists them, and those that lead to pages.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { address, PAGES, place } from "./router.js";

const isMac = navigator.platform.startsWith("Mac");
export const COMMAND = isMac ? "⌘" : "Ctrl";

const KEYS = [
  [[COMMAND, "Enter"], "run the statement at the cursor, or what is selected"],
  [["Ctrl", "Space"], "complete the word; Tab takes the first suggestion"],
  [["Alt", "Shift", "1"], "to 5: Query, Documents, Journal, Verification, Audit"],
  [["←"], "in the journal, the block before"],
  [["→"], "in the journal, the block after"],
  [["?"], "this list"],
];

export function helpButton() {
  const rows = KEYS.map(([keys, text]) => [
    h(
      "dt",
      keys.map((key) => [h("kbd", key), " "]),
    ),
    h("dd", text),
  ]);
  const dialog = h(
    "dialog",
    { "aria-labelledby": "help-title" },
    h(
      "div",
      { class: "stack" },
      h("h2", { id: "help-title" }, "Keys"),
      h("dl", { class: "keys" }, rows),
      h("form", { method: "dialog" }, h("button", "Close")),
    ),
  );
  document.body.append(dialog);
  document.addEventListener("keydown", (event) => pressed(event, dialog));
  return h(
    "button",
    { class: "plain", type: "button", "aria-label": "Keys", onclick: () => dialog.showModal() },
    icon("help"),
    h("span", { class: "words" }, "Keys"),
  );
}

function pressed(event, dialog) {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.key === "?" && !isTyping && !dialog.open) dialog.showModal();
  const page = event.altKey && event.shiftKey && PAGES[Number(event.code.replace("Digit", "")) - 1];
  if (!page) return;
  event.preventDefault();
  location.hash = address(place().ledger, page.name);
}
