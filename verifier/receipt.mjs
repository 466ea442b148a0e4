/* Checks a receipt of the wallet: this file, and Node or a browser (WebCrypto). Nothing of the ledger's, no network.

    node receipt.mjs RECEIPT DIGEST KEY    an answer of POST /proof, one of POST /digest, the notary's key (PEM)

It prints the steps that hold, and what is proven or the step that does not. Exit codes: 0 ok, 1 not proven, 2 usage.
A page imports `steps` and takes those of the three texts one by one: the last says what is proven.
*/

const need = (holds, problem) => {
  if (!holds) throw new Error(problem);
};
const utf8 = (text) => new TextEncoder().encode(text);
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)));
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const bytesOf = (text) => {
  const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  need(base64(bytes) === text, "base64 is not as its writers write it");
  return bytes;
};
const ordered = (one, other) => {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at < 0 ? 0 : one[at] - other[at];
};

// ECDSA with SHA-256 on the curve P-256: WebCrypto has it, and takes the two numbers of a signature as 32 bytes each.

const KEY = /^[\r\n ]*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)\n-----END PUBLIC KEY-----[\r\n ]*$/;
const derIn = (pem) => bytesOf(KEY.exec(pem)[1].replace(/[\r\n]/g, ""));
const keyIn = (pem) =>
  crypto.subtle.importKey("spki", derIn(pem), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);

function numbersIn(der) { // 30 length 02 length r 02 length s; no other spelling of r and s is taken
  const parts = [der.slice(4, 4 + der[3]), der.slice(6 + der[3])].map((part) => part.slice(part[0] ? 0 : 1));
  const spelled = parts.flatMap((part) => [2, part.length + (part[0] >> 7), ...(part[0] & 128 ? [0] : []), ...part]);
  const fit = parts.every((part) => part.length <= 32 && part[0]);
  need(fit && base64([0x30, spelled.length, ...spelled]) === base64(der), "the signature is none");
  return parts.flatMap((part) => [...new Array(32 - part.length).fill(0), ...part]);
}

// What Ion Hash (https://amazon-ion.github.io/ion-hash) feeds to SHA-256 for the kinds of values that a receipt has.

const escaped = (bytes) => [...bytes].flatMap((byte) => ([11, 12, 14].includes(byte) ? [12, byte] : byte));
const frame = (kind, bytes = []) => [11, kind, ...escaped(bytes), 14];
const text = (value) => frame(0x80, utf8(value));
const magnitude = (number) => (number ? [...magnitude(number >> 8n), Number(number & 255n)] : []);
const whole = (number) => frame(0x20, magnitude(BigInt(number)));

async function struct(fields) {
  const pairs = Object.entries(fields).map(([name, value]) => sha256([...frame(0x70, utf8(name)), ...value]));
  return frame(0xd0, (await Promise.all(pairs)).sort(ordered).flatMap((hash) => [...hash]));
}

function places(number, exponent) {
  const bytes = magnitude(number);
  return [0xc0 | exponent, ...(bytes[0] & 128 ? [0] : []), ...bytes];
}

function time(spelled) {
  const [year, ...parts] = spelled.match(/\d+/g).map(Number);
  const milliseconds = BigInt(parts.pop());
  const utc = [0x80, year >> 7, (year & 127) | 128, ...parts.map((part) => part | 128)];
  return frame(0x60, [...utc, ...places(milliseconds, 3)]);
}

function value(spelled) {
  if (spelled === "true") return frame(0x11);
  if (spelled[0] !== '"') return frame(0x50, places(BigInt(spelled.replace(".", "")), 2));
  const plain = (_, hex, other) =>
    hex ? String.fromCodePoint(`0x${hex.slice(1)}`) : ({ n: "\n", r: "\r", t: "\t" }[other] ?? other);
  return text(spelled.slice(1, -1).replace(/\\(?:(x..|u.{4}|U.{8})|(.))/g, plain));
}

async function dot(...pair) {
  const signed = (hash) => [...hash].reverse().map((byte) => (byte + 128) % 256);
  const [first, second] = pair.sort((one, other) => ordered(signed(one), signed(other)));
  return sha256([...first, ...second]);
}

// A revision in the one spelling that the ledger gives it; no other is taken, so that no field is left unlooked at.

const CODE = /x(?:0[0-8bcef]|[189a-f][\da-f]|7f)|u(?!00|d[89a-f])[\da-f]{4}|U(?!0000)[\da-f]{8}/.source;
const TEXT = `"(?:[ !#-[\\]-~]|\\\\(?:["\\\\tnr]|${CODE}))*"`;
const FIELD = new RegExp(`([A-Za-z]+):(${TEXT}|\\d+\\.\\d\\d|true)`, "g");
const [WORD, NUMBER, HASH] = ['"([0-9A-Za-z]+)"', "(0|[1-9]\\d*)", "\\{\\{([A-Za-z0-9+/]{43}=)\\}\\}"];
const TIME = "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)";
const REVISION = new RegExp(
  `^\\{blockAddress:\\{strandId:${WORD},sequenceNo:${NUMBER}\\},hash:${HASH},(?:data:\\{(.*)\\}|dataHash:${HASH}),` +
    `metadata:\\{id:${WORD},version:${NUMBER},txTime:${TIME},txId:${WORD}\\}\\}$`,
);

function partsOf(spelled) {
  const found = REVISION.exec(spelled);
  need(found, "it is not spelled as the ledger does");
  const [, strandId, sequenceNo, given, data, dataHash, documentId, version, txTime, txId] = found;
  const pairs = [...(data ?? "").matchAll(FIELD)];
  const fields = Object.fromEntries(pairs.map(([, name, each]) => [name, each]));
  const whole = pairs.map(([pair]) => pair).join() === (data ?? "");
  need(whole && Object.keys(fields).length === pairs.length, "these are no account's data");
  const place = { strandId, sequenceNo: Number(sequenceNo) };
  return { place, given, dataHash, data: fields, documentId, version: Number(version), txTime, txId };
}

// The checks. Each names a step and then takes it, so that the one named last is the one that fails.

const sorted = (object) =>
  JSON.stringify(object, (_, each) => (each?.constructor === Object ? Object.entries(each).sort() : each));

async function* signed(digest, pem) {
  yield "the key is a public key on P-256";
  const key = await keyIn(pem);
  yield "the key has signed the digest";
  const kept = digest.notarised ?? digest;
  need("statement" in kept, "no digest is notarised in it: ask POST /digest again when the notary has run");
  const names = ["number", "statement", "signature", "keyId", "publicKey", "consistencyProof"];
  need(Object.keys(kept).every((name) => names.includes(name)), `fields ${Object.keys(kept)}`);
  const signature = Uint8Array.from(numbersIn(bytesOf(kept.signature)));
  const how = { name: "ECDSA", hash: "SHA-256" };
  need(await crypto.subtle.verify(how, key, signature, utf8(kept.statement)), "it has not");
  const said = JSON.parse(kept.statement);
  need(said.type === "verifiable-ledger/digest/1", "it has signed something else");
  yield "what the answer says beside the digest is so";
  need(["number", "keyId"].every((name) => !(name in kept) || kept[name] === said[name]), "it is not");
  const isSame = !("publicKey" in kept) || base64(derIn(kept.publicKey)) === base64(derIn(pem));
  need(isSame, "it comes with another public key");
  return said;
}

async function* proven(receipt, said) {
  yield "the receipt has its proof";
  need("proof" in receipt, "send the receipt to POST /proof, and give the answer here");
  yield "hash of the revision = dot(H(metadata), H(data))";
  const { place, given, dataHash, data, documentId, version, txTime, txId } = partsOf(receipt.revision);
  const metadata = { id: text(documentId), version: whole(version), txTime: time(txTime), txId: text(txId) };
  const fields = Object.fromEntries(Object.entries(data).map(([name, each]) => [name, value(each)]));
  const ofData = dataHash ? bytesOf(dataHash) : await sha256(await struct(fields));
  let computed = await dot(await sha256(await struct(metadata)), ofData);
  need(given === base64(computed) && dataHash !== base64(await sha256(frame(0x0f))), "given is another");
  yield "the digest = that hash, folded with each hash of the proof";
  const siblings = [...receipt.proof.matchAll(new RegExp(HASH, "g"))].map(([, each]) => each);
  need(receipt.proof === `[${siblings.map((each) => `{{${each}}}`)}]`, "it is no list of hashes");
  for (const sibling of siblings) computed = await dot(computed, bytesOf(sibling));
  need(said.digest === base64(computed), `given is ${said.digest}, computed is ${base64(computed)}`);
  yield "the proof goes past the hash of the block's address, transaction and time";
  need(new RegExp(`^${TIME}$`).test(receipt.blockTimestamp), "its blockTimestamp is none");
  const blockAddress = await struct({ strandId: text(place.strandId), sequenceNo: whole(place.sequenceNo) });
  const head = { blockAddress, transactionId: text(txId), blockTimestamp: time(receipt.blockTimestamp) };
  need(siblings.includes(base64(await sha256(await struct(head)))), "it does not: they are those of another block");
  yield "the receipt says that, and nothing else";
  const { blockTimestamp, revision, proof } = receipt;
  const same = { ledger: said.ledger, transactionId: txId, blockAddress: place, blockTimestamp, documentId, version };
  const all = { ...same, hash: given, revision, proof, digestNumber: said.number };
  need(sorted(receipt) === sorted(all), "it says something else");
  yield `digest ${said.number} of ${said.date} covers that block`;
  const tip = [said.digestTipAddress].flat().find((each) => each.strandId === place.strandId);
  need(place.sequenceNo <= (tip?.sequenceNo ?? -1), "it does not");
  const told = dataHash ? "data that were redacted" : Object.entries(data).map((pair) => pair.join(" ")).join(" ");
  yield `PROVEN, of ${blockTimestamp} in ledger ${said.ledger}: ${told}`;
}

function once(json) { // JSON in which no object has a field twice: of those, one reader takes one, another the other
  let count = 0;
  const found = JSON.parse(json, function (name, each) {
    count += name !== "" && !Array.isArray(this);
    return each;
  });
  need(json.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1 === count, "a field is there twice");
  return found;
}

export async function* steps(receipt, digest, pem) {
  yield "the files can be read";
  const [given, kept] = [once(receipt), once(digest)];
  yield* proven(given, yield* signed(kept, pem));
}

async function main(paths) {
  if (paths.length !== 3 || paths[0].startsWith("-")) {
    console.log("usage: node receipt.mjs RECEIPT DIGEST KEY, as the first lines of this file explain");
    return 2;
  }
  let step = "the files can be read";
  try {
    const { readFile } = await import("node:fs/promises");
    const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
    const found = steps(...texts);
    await found.next();
    for await (const following of found) {
      console.log("holds:", step);
      step = following;
    }
  } catch (error) {
    console.log(`NOT PROVEN: ${step}: ${error.message}`);
    return 1;
  }
  console.log(step);
  return 0;
}

if (/[\\/]receipt\.mjs$/.test(globalThis.process?.argv?.[1])) process.exitCode = await main(process.argv.slice(2));
