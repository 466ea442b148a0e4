// The page "Documents": choose one, or read the history of one.

import { fill } from "./dom.js";
import { browse } from "./browse.js";
import { HistoryView } from "./history.js";

export async function show(main, { ledger, parts: [id], search, signal }) {
  let shown = null;

  async function open(wanted, number) {
    if (!wanted) return browse(main, ledger, signal);
    if (shown?.id === wanted) return shown.choose(number ?? shown.chosen);
    shown = new HistoryView(ledger, wanted, signal);
    fill(main, shown.element);
    return shown.start(number);
  }

  const version = (given) => (given.has("version") ? Number(given.get("version")) : null);
  await open(id, version(search));
  return async ([other], given) => {
    if (!other) shown = null;
    await open(other, version(given));
  };
}
