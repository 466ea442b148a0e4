// Elements, made without any HTML text: what the ledger holds can never become markup.

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "path", "g", "rect", "circle", "line", "text"]);

/** Makes an element: `h("p", { class: "fine" }, "text")`; attributes may be left out.
 *
 * Those that are null or false are not set; `onclick` and the like take functions. */
export function h(name, attributes, ...children) {
  const element = DRAWN.has(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  if (attributes?.constructor !== Object) return fill(element, attributes, ...children);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  return fill(element, ...children);
}

/** Puts children in the place of all that an element has. */
export function fill(element, ...children) {
  element.replaceChildren(...content(children));
  return element;
}

const content = (children) =>
  children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

let count = 0;

/** Gives an id that no element has yet. */
const newId = (prefix) => `${prefix}-${++count}`;

/** Labels a control, with a hint that a screen reader reads after its name. */
export function hintedField(label, control, hint) {
  const id = newId("hint");
  control.setAttribute("aria-describedby", id);
  return h("div", { class: "field" }, h("label", { class: "field" }, label, control), h("small", { id }, hint));
}

/** Lists facts, {name: value}. */
export const factList = (named) =>
  h(
    "dl",
    { class: "facts" },
    Object.entries(named).map(([name, value]) => h("div", h("dt", name), h("dd", value))),
  );

/** Gives a group of radio buttons; `options` are {value: label}, `choose` is told of the value that was chosen. */
export function choice(legend, options, chosen, choose) {
  const group = newId("choice");
  const option = ([value, label]) =>
    h(
      "label",
      h("input", { type: "radio", name: group, value, checked: value === chosen, onchange: () => choose(value) }),
      h("span", label),
    );
  return h(
    "fieldset",
    { class: "choice" },
    h("legend", { class: "unseen" }, legend),
    Object.entries(options).map(option),
  );
}

/** Lets the browser save a text as a file. */
export function save(name, text, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Tells a screen reader what has happened elsewhere on the page. */
export function announce(text) {
  const announcer = document.getElementById("announcer");
  announcer.textContent = announcer.textContent === text ? `${text}\u00a0` : text;
}

/** Copies a text, and says so. */
export async function copy(text, what) {
  await navigator.clipboard.writeText(text);
  announce(`${what} copied`);
}
