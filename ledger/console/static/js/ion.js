// Ion values as people read them. The reader is the verifier's own: what is shown is what is verified.

import { h } from "./dom.js";

export { parse } from "../verify.js";

const CONTAINERS = { struct: ["{", "}"], list: ["[", "]"], sexp: ["(", ")"] };
const CLASSES = { string: "string", int: "number", decimal: "number", float: "number" };
const PLAIN_NAME = /^[A-Za-z_][\w]*$/;
const WIDTH = 76;

/** Gives the value at a path of field names; undefined if there is none. */
export function at(value, ...names) {
  for (const name of names) {
    if (value?.type !== "struct" || value.value === null) return undefined;
    value = value.value.find(([each]) => each === name)?.[1];
  }
  return value;
}

export const isNumber = (value) => ["int", "decimal", "float"].includes(value?.type) && value.value !== null;

/** Gives a number for a chart, where the last digits do not matter. */
export const asNumber = (value) => Number(value.source.replace(/[dD]/, "e"));

/** Gives a value on one line, as Ion; strings as they are read, not as they are escaped. */
export function compact(value) {
  const annotations = value.annotations.map((name) => `${nameText(name)}::`).join("");
  return annotations + bare(value);
}

function bare({ type, value, source }) {
  if (value === null) return source;
  if (type === "string") return JSON.stringify(value);
  if (type === "struct") return `{${value.map(([name, each]) => `${nameText(name)}: ${compact(each)}`).join(", ")}}`;
  if (type in CONTAINERS)
    return CONTAINERS[type][0] + value.map(compact).join(type === "list" ? ", " : " ") + CONTAINERS[type][1];
  return source;
}

/** Gives what a cell of a table shows: a string without its quotes. */
export const cellText = (value) => (value.type === "string" && value.value !== null ? value.value : compact(value));

const nameText = (name) =>
  name === undefined ? "$0" : PLAIN_NAME.test(name) ? name : `'${name.replace(/['\\]/g, "\\$&")}'`;

/** Gives a value over as many lines as it needs, in colours. */
export const pretty = (value) => h("pre", { class: "ion" }, spans(value, ""));

function spans(value, indent) {
  const annotations = value.annotations.map((name) => h("span", { class: "annotation" }, `${nameText(name)}::`));
  const brackets = value.value === null ? undefined : CONTAINERS[value.type];
  if (!brackets) return [annotations, h("span", { class: CLASSES[value.type] ?? "other" }, bare(value))];
  const inner = `${indent}  `;
  const isShort = indent.length + compact(value).length <= WIDTH && (value.type !== "struct" || indent);
  const [start, between, end] = isShort
    ? ["", value.type === "sexp" ? " " : ", ", ""]
    : [`\n${inner}`, `,\n${inner}`, `\n${indent}`];
  const members = value.value.map((member, index) => [
    index ? between : start,
    value.type === "struct"
      ? [h("span", { class: "key" }, nameText(member[0])), ": ", spans(member[1], inner)]
      : spans(member, inner),
  ]);
  return [annotations, brackets[0], members, value.value.length ? end : "", brackets[1]];
}
