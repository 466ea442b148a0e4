// How instants, numbers and hashes are shown.

import { copy, h } from "./dom.js";

const DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", timeStyle: "medium" });
const COUNT = new Intl.NumberFormat("en-GB");

export const count = (number) => COUNT.format(number);
export const plural = (number, one, more = `${one}s`) => `${count(number)} ${number === 1 ? one : more}`;

/** Gives an instant as words, in UTC. */
export function instantText(iso) {
  const instant = new Date(iso);
  return Number.isNaN(instant.getTime()) ? iso : `${DAY.format(instant)}, ${CLOCK.format(instant)} UTC`;
}

export const instant = (iso) => h("time", { datetime: iso, title: iso }, instantText(iso));

/** Draws a hash as a strip of colours, so that two that are equal look equal. */
function strip(base64) {
  // Every character counts in every bar: one that differs gives other colours throughout.
  let mixed = [...base64].reduce((sum, each) => Math.imul(sum ^ each.charCodeAt(0), 16777619), 2166136261);
  const bar = (_, at) => {
    mixed = Math.imul(mixed ^ (mixed >>> 15), 2246822519);
    return h("rect", {
      x: at * 6,
      width: 6,
      height: 14,
      fill: `hsl(${(mixed >>> 8) % 360} 55% ${46 + ((mixed >>> 4) % 4) * 7}%)`,
    });
  };
  return h(
    "svg",
    { viewBox: "0 0 36 14", preserveAspectRatio: "none", "aria-hidden": "true" },
    Array.from({ length: 6 }, bar),
  );
}

/** Shows a hash by its strip and its first characters; the title has all of it. */
export const hash = (base64) =>
  h("span", { class: "hash", title: base64 }, base64 ? strip(base64) : null, h("span", base64.slice(0, 10) || "none"));

/** The same, to be copied with a click. */
export const hashButton = (base64, what, length = 16) =>
  h(
    "button",
    {
      class: "hash",
      type: "button",
      title: `${base64} (click to copy)`,
      "aria-label": `${what} ${base64}, copy`,
      onclick: () => copy(base64, what),
    },
    base64 ? strip(base64) : null,
    h("span", base64.slice(0, length) || "none"),
  );
