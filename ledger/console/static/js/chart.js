// A number over a document's revisions: a line of steps, for a value holds until the next revision.

import { h } from "./dom.js";
import { instantText } from "./format.js";

const [HEIGHT, TOP, BOTTOM, LEFT, RIGHT] = [220, 14, 26, 64, 14];
const SHORT = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 2 });
const DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });

/** Draws points, {version, time, value}, the oldest first. `chosen` is the version that is marked, `onchoose` is told of another. */
export function chart(points, { field, width, byTime, chosen, onchoose }) {
  const values = points.map(({ value }) => value);
  const ticks = niceTicks(Math.min(...values, 0), Math.max(...values));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const xs = points.map(({ version, time }) => (byTime ? Date.parse(time) : version));
  const x = (value) => LEFT + ((value - xs[0]) / (xs.at(-1) - xs[0] || 1)) * (width - LEFT - RIGHT);
  const y = (value) => TOP + (1 - (value - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
  const steps = points
    .map(({ value }, at) => `${at ? "H" : "M"}${x(xs[at]).toFixed(1)}${at ? " V" : " "}${y(value).toFixed(1)}`)
    .join(" ");
  const marked = points.findLastIndex(({ version }) => version <= chosen);
  const select = (event) =>
    onchoose(points[nearest(xs.map(x), event.offsetX * (width / event.currentTarget.clientWidth))].version);
  return h(
    "svg",
    {
      class: "chart",
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: "img",
      "aria-label": summary(points, field),
      onclick: select,
    },
    ticks.map((tick) => [
      h("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }),
      h("text", { x: LEFT - 10, y: y(tick) + 4, "text-anchor": "end" }, SHORT.format(tick)),
    ]),
    labels(points, xs, byTime, width).map(({ at, text, anchor }) =>
      h("text", { x: x(at), y: HEIGHT - 6, "text-anchor": anchor }, text),
    ),
    h("path", { class: "area", d: `${steps} V${y(low)} H${x(xs[0])} Z` }),
    h("path", { class: "curve", d: steps }),
    marked < 0
      ? null
      : [
          h("line", { class: "cursor", x1: x(xs[marked]), x2: x(xs[marked]), y1: TOP, y2: HEIGHT - BOTTOM }),
          h("circle", { class: "cursor", cx: x(xs[marked]), cy: y(values[marked]), r: 5 }),
        ],
  );
}

function nearest(places, wanted) {
  return places.reduce(
    (best, place, at) => (Math.abs(place - wanted) < Math.abs(places[best] - wanted) ? at : best),
    0,
  );
}

function labels(points, xs, byTime, width) {
  const count = Math.max(2, Math.min(points.length, Math.floor(width / 170)));
  return Array.from({ length: count }, (_, at) => {
    const share = at / (count - 1);
    const value = byTime ? xs[0] + share * (xs.at(-1) - xs[0]) : xs[Math.round(share * (xs.length - 1))];
    const anchor = at === 0 ? "start" : at === count - 1 ? "end" : "middle";
    return { at: value, anchor, text: byTime ? DAY.format(value) : `version ${value}` };
  });
}

function niceTicks(low, high) {
  const rough = (high - low || Math.abs(high) || 1) / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * unit).find((each) => each >= rough);
  const first = Math.floor(low / step);
  return Array.from({ length: Math.max(1, Math.ceil(high / step) - first) + 1 }, (_, at) => (first + at) * step);
}

function summary(points, field) {
  const values = points.map(({ value }) => value);
  const [first, last] = [points[0], points.at(-1)];
  return (
    `${field} over versions ${first.version} to ${last.version}: from ${first.value} on ${instantText(first.time)} to ${last.value} ` +
    `on ${instantText(last.time)}; lowest ${Math.min(...values)}, highest ${Math.max(...values)}`
  );
}
