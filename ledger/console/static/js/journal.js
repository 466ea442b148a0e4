// The page "Journal": the newest blocks of all strands or one, and the block that is chosen.

import { get, pathOf } from "./api.js";
import { BlockView } from "./block.js";
import { Chain } from "./chain.js";
import { fill, h } from "./dom.js";
import { plural } from "./format.js";
import { icon } from "./icons.js";
import { address, head } from "./router.js";
import { StrandCards } from "./strands.js";

export async function show(main, { ledger, parts, signal }) {
  const { strands } = await get(pathOf(ledger), signal);
  const total = h("span", { class: "badge" });
  const cards = strands.length > 1 ? new StrandCards(strands, (strand) => chain.choose(strand)) : null;
  const chain = new Chain(ledger, strands, signal, drawTips);
  const block = new BlockView(ledger, strands, signal);
  const page = h(
    "div",
    { class: "stack journal" },
    cards?.element,
    h("div", { class: "columns narrow-first" }, chain.element, block.element),
  );

  function drawTips() {
    const blocks = strands.reduce((sum, { sequenceNo }) => sum + sequenceNo + 1, 0);
    fill(total, `${plural(blocks, "block")}, ${plural(strands.length, "strand")}`);
    cards?.draw();
  }

  async function open([strand, number]) {
    page.classList.toggle("has-block", Boolean(strand));
    chain.mark(strand, Number(number));
    if (!strand) return block.clear();
    await block.show(strand, Number(number));
    return chain.element.checkVisibility() || block.focus(); // on a phone it takes the place of the list
  }

  document.addEventListener(
    "keydown",
    (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const isTaken =
        event.target.matches("input, textarea, select, [role=region]") ||
        event.altKey ||
        event.ctrlKey ||
        event.metaKey;
      if (!step || isTaken || !block.has(step)) return;
      event.preventDefault();
      location.hash = address(ledger, "journal", block.strand, block.number + step);
    },
    { signal },
  );

  const live = h(
    "button",
    {
      type: "button",
      class: "small",
      "aria-pressed": "false",
      onclick: () => {
        live.setAttribute("aria-pressed", String(chain.toggleLive()));
      },
    },
    icon("live"),
    "Live",
  );
  fill(
    main,
    head(
      "Journal",
      "Every transaction appended one block, chained to the one before it by hash. Walk the chain; each hash is computed anew in your browser.",
      total,
      h("div", { class: "end" }, live),
    ),
    page,
  );
  drawTips();
  await Promise.all([chain.start(), open(parts)]);
  return open;
}
