// The page "Journal": the newest blocks of all strands or one, and the block that is chosen.

import { get, pathOf } from "./api.js";
import { BlockView } from "./block.js";
import { Chain } from "./chain.js";
import { fill, h } from "./dom.js";
import { count, hash, instant, plural } from "./format.js";
import { icon } from "./icons.js";
import { address, head } from "./router.js";

export async function show(main, { ledger, parts, signal }) {
  const { strands } = await get(pathOf(ledger), signal);
  const chain = new Chain(ledger, strands, signal);
  const block = new BlockView(ledger, strands, signal);
  const page = h(
    "div",
    { class: "stack journal" },
    strands.length > 1 ? strandCards(strands, chain) : null,
    h("div", { class: "columns narrow-first" }, chain.element, block.element),
  );
  const total = strands.reduce((sum, { sequenceNo }) => sum + sequenceNo + 1, 0);

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
      h("span", { class: "badge" }, `${plural(total, "block")}, ${plural(strands.length, "strand")}`),
      h("div", { class: "end" }, live),
    ),
    page,
  );
  await Promise.all([chain.start(), open(parts)]);
  return open;
}

function strandCards(strands, chain) {
  const cards = strands.map((strand, index) =>
    h(
      "li",
      h(
        "button",
        { type: "button", class: `strand strand-${index % 8}`, "aria-pressed": "false", onclick: choose },
        h(
          "span",
          { class: "row middle" },
          h("b", `Strand ${index + 1}`),
          h("span", { class: "muted fine" }, plural(strand.sequenceNo + 1, "block")),
        ),
        hash(strand.blockHash),
        h("span", { class: "muted fine" }, instant(strand.blockTimestamp)),
      ),
    ),
  );
  const buttons = cards.map((card) => card.firstChild);
  function choose(event) {
    const index = buttons.indexOf(event.currentTarget);
    const isChosen = buttons[index].getAttribute("aria-pressed") === "true";
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === index && !isChosen)));
    chain.choose(isChosen ? null : strands[index].strandId);
  }
  return h(
    "ul",
    { class: "strands", "aria-label": `${count(strands.length)} strands; choose one to see its blocks alone` },
    cards,
  );
}
