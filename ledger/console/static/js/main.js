// The frame: which ledger, which page, and what this console may do.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { helpButton } from "./help.js";
import { icon } from "./icons.js";
import { address, PAGES, place, problem, show } from "./router.js";
import { themeButton } from "./theme.js";

const main = document.getElementById("main");
const side = document.getElementById("side");

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // what stands behind the # in the address is the page
  main.focus();
});

async function start() {
  let session;
  try {
    session = await get("/api/ledgers");
  } catch (error) {
    return fill(main, problem(error));
  }
  const names = session.ledgers.map(({ name }) => name);
  if (!names.length) return fill(main, noLedgers());
  let framed = "";
  const go = () => {
    const now = place();
    if (!names.includes(now.ledger) || !PAGES.some(({ name }) => name === now.page)) {
      location.replace(address(names.includes(now.ledger) ? now.ledger : names[0], PAGES[0].name));
    } else {
      const wanted = address(now.ledger, now.page);
      if (framed !== wanted) fill(side, frame(names, now, session));
      framed = wanted;
      show(main, session);
    }
  };
  window.addEventListener("hashchange", go);
  return go();
}

const foot = [themeButton(), helpButton()];

function frame(names, now, session) {
  const chosen = (event) => (location.hash = address(event.target.value, now.page));
  const options = names.map((name) => h("option", { value: name, selected: name === now.ledger }, name));
  const links = PAGES.map((page) =>
    h(
      "li",
      h(
        "a",
        { href: address(now.ledger, page.name), "aria-current": page.name === now.page ? "page" : null },
        icon(page.icon ?? page.name),
        h("span", page.label),
      ),
    ),
  );
  return [
    h("div", { class: "brand" }, h("img", { src: "/static/icon.svg", alt: "" }), h("span", "Ledger console")),
    h(
      "label",
      { class: "field ledger" },
      h("span", "Ledger"),
      h("select", { onchange: chosen, "aria-label": "Ledger" }, options),
    ),
    h("nav", { "aria-label": "Pages" }, h("ul", links)),
    h("div", { class: "foot" }, mode(session), h("div", { class: "row" }, foot)),
  ];
}

const mode = ({ isWritable }) =>
  isWritable
    ? h("span", { class: "badge warn", title: "started with --writable" }, icon("pencil"), "writable")
    : h(
        "span",
        { class: "badge", title: "start the console with --writable to change anything" },
        icon("lock"),
        "read-only",
      );

const noLedgers = () =>
  h(
    "div",
    { class: "card empty" },
    icon("journal"),
    h("h1", "There is no ledger here"),
    h("p", "Create one with ", h("code", "python -m ledger create NAME --data DIR"), ", and load this page again."),
  );

start();
