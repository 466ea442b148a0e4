/* Checks what a ledger shows against a digest, without the ledger: this file, and Node or a browser (WebCrypto).

    node verifier/verify.js ANSWER [DIGEST]    a revision or a block with its proof, against the digest that you kept in
                                               the file DIGEST, or else the one that came with it

It prints the steps that hold, and `ok` or the step that does not. Exit codes: 0 ok, 1 not proven, 2 wrong usage.
A page imports `answer` and `parse`, and takes the steps of answer(parse(ANSWER), parse(DIGEST)) one by one.
*/

const PLACE = ["blockAddress", "transactionId", "blockTimestamp"];
const HASHES = ["blockHash", "entriesHash", "previousBlockHash", "entriesHashList"];
const METADATA = { id: "string", version: "int", txTime: "timestamp", txId: "string" };

function need(holds, problem) {
  if (!holds) throw new Error(problem);
}

// Ion text as its writers write it (https://amazon-ion.github.io/ion-docs); JSON is Ion text, too. A value becomes
// {type, value, annotations, source}: null is the value of every null, a struct has pairs, an int is a BigInt.

const PARTS = {
  blank: /[ \t\n\r\v\f]+/,
  lob: /\{\{\s*(?:"(?:[\t !#-[\]-~]|\\.)*"|[A-Za-z0-9+/=\s]*)\s*\}\}/,
  string: /"(?:[^"\\\x00-\x08\n\r\x0e-\x1f]|\\.)*"/,
  quoted: /'(?!'')(?:[^'\\\x00-\x08\n\r\x0e-\x1f]|\\.)*'/,
  time: /\d{4}(?:T|-\d\d(?:T|-\d\d(?:T(?:\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?))(?![\w.:+-])/,
  number: /-?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eEdD][+-]?\d+)?(?![\w.])/,
  constant: /(?:null(?:\.[a-z]+)?|true|false|nan|[+-]inf)(?![\w$])/,
  word: /[A-Za-z_$][\w$]*/,
  mark: /::|[{}[\](),:]/,
};
const TOKEN = new RegExp(Object.entries(PARTS).map(([kind, part]) => `(?<${kind}>${part.source})`).join("|"), "y");
const TYPES = "null bool int  float decimal timestamp symbol string clob blob list sexp struct".split(" ");
const CONSTANTS = { true: true, false: false, nan: NaN, "+inf": Infinity, "-inf": -Infinity };
const ESCAPE = /\\(?:x(?<x>[\da-fA-F]{2})|u(?<u>[\da-fA-F]{4})|U(?<U>[\da-fA-F]{8})|(?<other>.))/g;
const ESCAPED = { 0: "\0", a: "\x07", b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", v: "\v" };
const HALF_CHARACTER = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export function parse(text) {
  const reader = new Reader(text);
  const value = reader.value();
  if (reader.token.kind !== "end") reader.fail();
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.tokens = [...tokens(text)];
    this.next = 0;
  }
  get token() {
    return this.tokens[this.next];
  }
  fail() {
    need(false, `not readable as one Ion value, at character ${this.token.start + 1}`);
  }
  advance() {
    return this.tokens[this.next++];
  }
  accept(mark) {
    return this.token.text === mark && Boolean(this.advance());
  }
  value() {
    const annotations = [];
    while (this.tokens[this.next + 1]?.text === "::") {
      annotations.push(this.name(["word", "quoted"]));
      this.advance();
    }
    const { start } = this.token;
    const [type, value] = this.plain();
    return { type, value, annotations, source: this.text.slice(start, this.tokens[this.next - 1].end) };
  }
  plain() {
    if (this.accept("{")) return ["struct", this.items("}", () => this.field())];
    if (this.accept("[")) return ["list", this.items("]", () => this.value())];
    if (this.accept("(")) return ["sexp", this.items(")", () => this.value(), "")];
    const { kind, text } = this.token;
    if (kind === "word" || kind === "quoted") return ["symbol", this.name([kind])];
    return (SCALARS[kind] ?? (() => this.fail()))(text, this.advance());
  }
  items(close, one, separator = ",") {
    const found = [];
    while (!this.accept(close)) {
      if (found.length && separator && !this.accept(separator)) this.fail();
      found.push(one());
    }
    return found;
  }
  field() {
    const name = this.name(["word", "quoted", "string"]);
    return this.accept(":") ? [name, this.value()] : this.fail();
  }
  name(kinds) {
    const { kind, text } = kinds.includes(this.token.kind) ? this.advance() : this.fail();
    if (kind !== "word") return unescaped(text);
    need(text === "$0" || !/^\$\d+$/.test(text), `the symbol ${text} is not defined`);
    return text === "$0" ? undefined : text; // the one symbol whose text is unknown
  }
}

function* tokens(text) {
  for (let start = 0; start < text.length; start = TOKEN.lastIndex) {
    TOKEN.lastIndex = start;
    const groups = TOKEN.exec(text)?.groups;
    need(groups, `not readable as Ion, at character ${start + 1}`);
    const kind = Object.keys(groups).find((each) => groups[each] !== undefined);
    if (kind !== "blank") yield { kind, text: groups[kind], start, end: TOKEN.lastIndex };
  }
  yield { kind: "end", text: "", start: text.length };
}

const SCALARS = {
  string: (text) => ["string", unescaped(text)],
  lob: (text) => lob(text.slice(2, -2).trim()),
  time: (text) => ["timestamp", instant(text)],
  number(text) {
    if (/[eE]/.test(text)) return ["float", Number(text)];
    return /[.dD]/.test(text) ? ["decimal", decimal(text)] : ["int", BigInt(text)];
  },
  constant(text) {
    if (text in CONSTANTS) return [typeof CONSTANTS[text] === "number" ? "float" : "bool", CONSTANTS[text]];
    need(TYPES.includes(text.slice(5) || "null"), `there is no ${text}`);
    return [text.slice(5) || "null", null];
  },
};

function unescaped(quoted) {
  const made = quoted.slice(1, -1).replace(ESCAPE, (...match) => {
    const { x, u, U, other } = match.at(-1);
    if (other === undefined) return String.fromCodePoint(parseInt(x ?? u ?? U, 16));
    need(other in ESCAPED || "\"'?\\/".includes(other), `\\${other} stands for no character`);
    return ESCAPED[other] ?? other;
  });
  need(!HALF_CHARACTER.test(made), "half a character is no text");
  return made;
}

function lob(inner) {
  if (!inner.startsWith('"')) return ["blob", fromBase64(inner.replace(/\s/g, ""))];
  const bytes = Uint8Array.from(unescaped(inner), (each) => each.codePointAt(0));
  need(String.fromCharCode(...bytes) === unescaped(inner), "a clob has a character that is no byte");
  return ["clob", bytes];
}

function decimal(text) {
  const [, sign, whole, fraction, power = "0"] = /^(-?)(\d+)\.?(\d*)(?:[dD](.+))?$/.exec(text);
  return { negative: sign === "-", coefficient: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

function instant(text) {
  const [, date, clock = "", fraction = "", sign, hours = "0", minutes = "0"] =
    /^([\d-]+)T?(?:([\d:]+)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d)))?$/.exec(text);
  const whole = `${(date + "-01-01").slice(0, 10)}T${(clock + ":00").slice(0, 8).padStart(8, "00:00")}.000Z`;
  const local = new Date(whole);
  need(!Number.isNaN(local.getTime()) && local.toISOString() === whole && date >= "0001", `${text} is no time`);
  const shift = 60 * Number(hours) + Number(minutes);
  need(Number(hours) < 24 && Number(minutes) < 60, `${text} is no time`);
  const offset = !clock || (sign === "-" && !shift) ? undefined : sign === "-" ? -shift : shift;
  const utc = new Date(local.getTime() - 60000 * (offset ?? 0)).toISOString();
  need(/^(?!0000)\d{4}-/.test(utc), `${text} is not in the years 1 to 9999`);
  const count = [...date.split("-"), ...(clock ? clock.split(":") : [])].length;
  return { offset, utc: utc.match(/\d+/g).slice(0, count).map(Number), fraction };
}

// H: one hash for an Ion value, however it is written (Ion Hash with SHA-256, https://amazon-ion.github.io/ion-hash).

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const utf8 = (text) => new TextEncoder().encode(text);
const escaped = (bytes) => [...bytes].flatMap((byte) => ([11, 12, 14].includes(byte) ? [12, byte] : byte));
const frame = (kind, bytes = []) => joined([11, kind], escaped(bytes), [14]);
const symbol = (text) => (text === undefined ? frame(0x71) : frame(0x70, utf8(text)));

export const H = async (value) => sha256(await serialized(value));

function joined(...parts) {
  const made = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((start, part) => (made.set(part, start), start + part.length), 0);
  return made;
}

async function serialized(value) {
  const [plain, names] = [await bare(value), value.annotations];
  return names.length ? joined([11, 0xe0], ...names.map(symbol), plain, [14]) : plain;
}

async function bare({ type, value }) {
  const kind = TYPES.indexOf(type) << 4;
  if (value === null) return frame(kind | 15);
  switch (type) {
    case "struct":
      value = value.map(async ([name, each]) => sha256(joined(symbol(name), await serialized(each))));
      return frame(kind, joined(...(await Promise.all(value)).sort(compared)));
    case "list":
    case "sexp":
      return joined([11, kind], ...(await Promise.all(value.map(serialized))), [14]);
    case "symbol":
      return symbol(value);
    case "bool":
      return frame(kind | Number(value));
    case "int":
      return frame(value < 0n ? 0x30 : kind, magnitude(value < 0n ? -value : value));
    default:
      return frame(kind, BYTES[type](value));
  }
}

const BYTES = {
  string: utf8,
  clob: (value) => value,
  blob: (value) => value,
  float: (value) => (Object.is(value, 0) ? [] : new Uint8Array(new Float64Array([value]).buffer).reverse()),
  decimal({ negative, coefficient, exponent }) {
    if (!negative && !coefficient && !exponent) return [];
    const bytes = magnitude(coefficient);
    if (bytes.length ? bytes[0] & 128 : negative) bytes.unshift(0);
    if (negative) bytes[0] |= 128;
    return [...varint(exponent), ...bytes];
  },
  timestamp({ offset, utc, fraction }) {
    const zone = offset === undefined ? [0xc0] : varint(offset);
    return [...zone, ...utc.flatMap((each) => varuint(each)), ...BYTES.decimal(decimal(`0.${fraction}`))];
  },
};

function magnitude(number) {
  const hex = number ? number.toString(16) : "";
  return (hex.length % 2 ? `0${hex}` : hex).match(/../g)?.map((byte) => parseInt(byte, 16)) ?? [];
}

function varuint(number, last = 128) {
  return [...(number > 127 ? varuint(Math.floor(number / 128), 0) : []), (number & 127) | last];
}

function varint(number) {
  const bytes = varuint(Math.abs(number));
  if (bytes[0] & 64) bytes.unshift(0);
  if (number < 0) bytes[0] |= 64;
  return bytes;
}

// The journal's formulas: two hashes, the smaller first as signed bytes from the last on; and a tree of such pairs.

function compared(one, other) {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at < 0 ? 0 : one[at] - other[at];
}

export async function dot(...pair) {
  const signed = (hash) => [...hash].reverse().map((byte) => (byte + 128) % 256);
  const [first, second] = pair.sort((one, other) => compared(signed(one), signed(other)));
  return first.length && second.length ? sha256(joined(first, second)) : first.length ? first : second;
}

export async function merkle(hashes) {
  while (hashes.length > 1) {
    const pairs = hashes.map((hash, at) => (at % 2 ? null : dot(hash, hashes[at + 1] ?? [])));
    hashes = await Promise.all(pairs.filter((pair) => pair));
  }
  return hashes[0] ?? new Uint8Array();
}

// What is shown has exactly these fields and hashes: what is under no hash proves nothing.

function typed(value, type) {
  const fits = value && value.type === type && value.value !== null && !value.annotations.length;
  need(fits, `expected a ${type}, got ${value ? value.source.slice(0, 40) : "nothing"}`);
  return value.value;
}

export function fields(value, required, optional = []) {
  const names = typed(value, "struct").map(([name]) => name);
  need(new Set(names).size === names.length, "a field is there twice");
  need(required.every((name) => names.includes(name)), `${required.find((name) => !names.includes(name))} is missing`);
  const unknown = names.filter((name) => ![...required, ...optional].includes(name));
  need(!unknown.length, `${unknown[0]} is no field of it`);
  return Object.fromEntries(value.value);
}

export function hashIn(value) {
  need(typed(value, "blob").length === 32, `a hash has 32 bytes, got ${value.value.length}`);
  return value.value;
}

function address(value) {
  const given = fields(value, ["strandId", "sequenceNo"]);
  need(typed(given.strandId, "string") && typed(given.sequenceNo, "int") >= 0n, "the block address is none");
  return given;
}

const same = (one, other) => base64(one) === base64(other);
export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

function fromBase64(text) {
  need(/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, "it should be base64, and is not");
  const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  // The last character of base64 has bits that do not count; even those are not to change unnoticed.
  need(base64(bytes) === text, "its base64 is not as any writer writes it");
  return bytes;
}

function equal(given, computed) {
  need(same(given, computed), `given is ${base64(given)}, computed is ${base64(computed)}`);
  return base64(computed);
}

// The checks. Each gives a step before it takes it, so that the one given last is the one that fails; in `found` is
// afterwards what the step has come to.

export async function* revision(value, named = "the revision") {
  const shape = step(`${named} has the fields of one`);
  yield shape;
  const given = fields(value, ["blockAddress", "hash", "metadata"], ["data", "dataHash"]);
  const metadata = fields(given.metadata, Object.keys(METADATA));
  address(given.blockAddress);
  Object.entries(METADATA).forEach(([name, type]) => typed(metadata[name], type));
  if (given.data) typed(given.data, "struct");
  const noData = await H(parse("null")); // a revision that deletes its document has no data; one redacted, their hash
  const ofData = given.dataHash ? hashIn(given.dataHash) : given.data ? await H(given.data) : noData;
  need(!given.dataHash || (!given.data && !same(ofData, noData)), "it is not as redaction leaves it");
  shape.found = `version ${metadata.version.source} of document ${metadata.id.value}`;
  const hash = step(`hash of ${named} = dot(H(metadata), H(data))`);
  yield hash;
  hash.found = equal(hashIn(given.hash), await dot(await H(given.metadata), ofData));
}

export async function* block(value) {
  yield step("the block has the fields of one");
  const given = fields(value, [...PLACE, ...HASHES], ["transactionInfo", "redactionInfo", "revisions"]);
  const shown = [];
  for (const [number, each] of Object.entries(given.revisions ? typed(given.revisions, "list") : [])) {
    const parts = Object.fromEntries(typed(each, "struct"));
    if (each.value.length === 1 && parts.hash) continue; // those of the ledger's own catalog: only their hash is shown
    yield* revision(each, `revision ${number} of the block`);
    const { id, txId } = Object.fromEntries(parts.metadata.value);
    need(same(await H(parts.blockAddress), await H(given.blockAddress)), "it is of another block");
    need(txId.value === typed(given.transactionId, "string"), "it is of another transaction");
    shown.push(id.value);
  }
  yield step("the block shows a revision of each document that its transaction changed");
  const info = given.transactionInfo && fields(given.transactionInfo, ["statements", "documents"]);
  const changed = info && typed(info.documents, "struct").map(([id]) => id);
  need(JSON.stringify(shown.sort()) === JSON.stringify((changed ?? []).sort()), "some are left out, or are of others");
  yield step("entriesHashList = hashes of place, revisions, the ledger's own facts, transactionInfo, redactionInfo");
  const computed = await entries(given);
  const hashes = typed(given.entriesHashList, "list").map(hashIn);
  need(hashes.length === computed.length, `it has ${hashes.length}, the block's content gives ${computed.length}`);
  const wrong = computed.find((entry, at) => entry.hash && !same(entry.hash, hashes[at]));
  need(!wrong, `that of ${wrong?.name} is the hash of something else`);
  const root = step("entriesHash = Merkle root of entriesHashList");
  yield root;
  root.found = equal(hashIn(given.entriesHash), await merkle(hashes));
  const hash = step("blockHash = dot(entriesHash, previousBlockHash)");
  yield hash;
  const { sequenceNo } = address(given.blockAddress);
  const isFirst = sequenceNo.value === 0n && !typed(given.previousBlockHash, "blob").length;
  const previous = isFirst ? [] : hashIn(given.previousBlockHash);
  hash.found = equal(hashIn(given.blockHash), await dot(await merkle(hashes), previous));
}

export async function entries(given) { // what each is the hash of; of the ledger's own facts only the hash is shown
  const place = { type: "struct", value: PLACE.map((name) => [name, given[name]]), annotations: [] };
  const leaves = given.revisions?.value.map((each) => hashIn(Object.fromEntries(each.value).hash)) ?? [];
  const optional = ["transactionInfo", "redactionInfo"].filter((name) => given[name]);
  return [
    { name: PLACE.join(", "), hash: await H(place) },
    ...(leaves.length ? [{ name: "revisions", hash: await merkle(leaves) }] : []),
    { name: "the ledger's own facts" },
    ...(await Promise.all(optional.map(async (name) => ({ name, hash: await H(given[name]) })))),
  ];
}

export async function* answer(given, digest) {
  yield step("the answer has a revision or a block, and its proof");
  const parts = Object.fromEntries(typed(given, "struct"));
  const [kind, check, leaf] = parts.revision ? ["revision", revision, "hash"] : ["block", block, "blockHash"];
  need(parts[kind] && parts.proof, "it has not");
  const shown = parsed(parts[kind]);
  yield* check(shown);
  const fold = step("the digest = that hash, folded with each hash of the proof");
  yield fold;
  let candidate = hashIn(Object.fromEntries(shown.value)[leaf]);
  for (const sibling of typed(parsed(parts.proof), "list")) candidate = await dot(candidate, hashIn(sibling));
  fold.found = equal(digestIn(digest), candidate);
  // A revision's address is under no hash of the revision: the block at that address proves it.
  const proven = shown.value.filter(([name]) => kind === "block" || name !== "blockAddress");
  yield step(`this, and nothing else in the file: {${proven.map(([name, each]) => `${name}:${each.source}`).join()}}`);
}

const step = (name) => ({ name, found: "" });

// In files, Ion values may stand in strings, as they do in JSON.

const parsed = (value) => (value.type === "string" && value.value !== null ? parse(value.value) : value);

export function digestIn(given) {
  const { digest } = Object.fromEntries(typed(given, "struct"));
  need(digest, "there is no digest in it");
  const bytes = digest.type === "string" ? fromBase64(typed(digest, "string")) : typed(digest, "blob");
  need(bytes.length === 32, `a digest has 32 bytes, got ${bytes.length}`);
  return bytes;
}

async function* stepsOf(paths) {
  yield step("the files can be read");
  const { readFile } = await import("node:fs/promises");
  const values = await Promise.all(paths.map(async (path) => parse(await readFile(path, "utf8"))));
  yield* answer(values[0], values.at(-1));
}

async function main(paths) {
  if (![1, 2].includes(paths.length) || paths[0].startsWith("-")) {
    console.log("usage: node verify.js ANSWER [DIGEST], as the first lines of this file explain");
    return 2;
  }
  let last;
  try {
    for await (const following of stepsOf(paths)) {
      if (last) console.log("holds:", last.name);
      last = following;
    }
  } catch (error) {
    console.log(`NOT PROVEN: ${last.name}: ${error.message}`);
    return 1;
  }
  console.log("holds:", last.name);
  if (paths.length === 1) console.log("note: the digest came with the answer; compare it with one that you kept");
  console.log("ok");
  return 0;
}

if (globalThis.process?.argv?.[1]?.endsWith("verify.js")) process.exitCode = await main(process.argv.slice(2));
