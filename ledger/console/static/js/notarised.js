// A notarised digest, checked in the browser: that a trusted key signed it, and that it continues the one before.

import { base64, dot, merkle } from "../verify.js";

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const bytesOf = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
const utf8 = (text) => new TextEncoder().encode(text);

/** Gives keys, {name, key} with the key in base64, ready to check signatures with. */
export const readKeys = (keys) =>
  Promise.all(
    keys.map(async ({ name, key }) => ({
      name,
      key: await crypto.subtle.importKey("spki", bytesOf(key), ECDSA, false, ["verify"]),
    })),
  );

/** Reads the file of a notarised digest: {text, statement, signature, proofs}; null if it is none. */
export function read(content) {
  try {
    const { statement: text, signature, consistencyProof: proofs } = JSON.parse(content);
    return { text, statement: JSON.parse(text), signature, proofs };
  } catch {
    return null;
  }
}

/** Gives the checks of what is kept as a digest of this number, {name, isGood, found}; `isGood` is null for what cannot be told.
 *
 * `before` is the one before it, read; null if there is none, undefined if that is not known yet. */
export async function checks(notarised, { ledger, number, keys, before }) {
  const { statement } = notarised;
  const isIt = statement.number === number && statement.ledger === ledger;
  const root = base64(await merkle(statement.strandRoots.map(bytesOf)));
  return [
    {
      name: `it is digest ${number} of ledger ${ledger}`,
      isGood: isIt,
      found: isIt ? "" : `it says: digest ${statement.number} of ledger ${statement.ledger}`,
    },
    await signatureCheck(notarised, keys),
    {
      name: "its digest is the root over the strands' roots",
      isGood: root === statement.digest,
      found: root === statement.digest ? "" : `computed is ${root}`,
    },
    ...(statement.number === 0
      ? [{ name: "it is the first", isGood: statement.previous === null, found: "" }]
      : await continuation(notarised, before)),
  ];
}

async function signatureCheck({ text, statement, signature }, keys) {
  const name = "a trusted key has signed it";
  if (!keys.length) return { name, isGood: null, found: "no key was given to the console: see below" };
  const raw = rawSignature(bytesOf(signature));
  for (const { name: signer, key } of raw ? keys : []) {
    if (await crypto.subtle.verify(ECDSA, key, raw, utf8(text))) return { name, isGood: true, found: `by ${signer}` };
  }
  return { name, isGood: false, found: `it names ${statement.keyId}; none of the trusted keys has signed this` };
}

async function continuation({ statement, proofs }, before) {
  const named = `digest ${statement.number - 1}`;
  const follows = `it names ${named} as the one before`;
  if (before === undefined) return [{ name: follows, isGood: null, found: "that one is not loaded yet" }];
  if (before === null) return [{ name: follows, isGood: false, found: "that one is not there" }];
  const hash = base64(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(before.text))));
  const isNamed = hash === statement.previous && before.statement.number === statement.number - 1;
  const added = await continued(before.statement, statement, proofs);
  return [
    { name: follows, isGood: isNamed, found: isNamed ? "" : `what is there has the hash ${hash}` },
    {
      name: `the journal of ${named} is the beginning of this one's`,
      isGood: added !== null,
      found: added === null ? "history was rewritten between them" : `the same, and ${added} blocks after it`,
    },
  ];
}

/** Counts the blocks that came after an earlier statement; null if it is not proven that the blocks before are the same. */
async function continued(earlier, later, proofs) {
  const [old, now] = [earlier, later].map(({ digestTipAddress: tips }) => [tips].flat());
  let added = 0;
  for (const [at, tip] of now.entries()) {
    const sizes = [old[at]?.sequenceNo + 1, tip.sequenceNo + 1];
    const roots = [earlier, later].map(({ strandRoots }) => bytesOf(strandRoots[at] ?? ""));
    const proof = (proofs[at] ?? []).map(bytesOf);
    if (old[at]?.strandId !== tip.strandId || !(await isExtension(sizes, roots, proof))) return null;
    added += sizes[1] - sizes[0];
  }
  return old.length === now.length ? added : null;
}

const isSame = (one, other) => base64(one) === base64(other);
const isOdd = (number) => number % 2 === 1;
const half = (number) => Math.floor(number / 2);

/** Tells whether a proof shows that the smaller tree is the beginning of the larger one (RFC 9162, section 2.1.4.2). */
async function isExtension([old, now], [oldRoot, nowRoot], proof) {
  if (!(old >= 1 && old <= now)) return false;
  if (old === now) return !proof.length && isSame(oldRoot, nowRoot);
  const hashes = isPowerOfTwo(old) ? [oldRoot, ...proof] : proof;
  if (!hashes.length) return false;
  let [left, last] = [old - 1, now - 1];
  const up = () => ([left, last] = [half(left), half(last)]);
  while (isOdd(left)) up();
  let [oldFound, nowFound] = [hashes[0], hashes[0]];
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false;
    nowFound = await dot(nowFound, sibling);
    if (isOdd(left) || left === last) {
      oldFound = await dot(oldFound, sibling);
      while (left && !isOdd(left)) up();
    }
    up();
  }
  return last === 0 && isSame(oldFound, oldRoot) && isSame(nowFound, nowRoot);
}

function isPowerOfTwo(number) {
  while (number > 1 && !isOdd(number)) number = half(number);
  return number === 1;
}

/** Gives a signature in DER as WebCrypto takes it, two numbers of 32 bytes; null if it is none. */
function rawSignature(der) {
  const length = der[3];
  const numbers = [der.subarray(4, 4 + length), der.subarray(6 + length)];
  const isDer = der[0] === 0x30 && der[1] === der.length - 2 && der[2] === 2 && der[4 + length] === 2;
  if (!isDer || der[5 + length] !== numbers[1].length) return null;
  const raw = new Uint8Array(64);
  for (const [at, number] of numbers.entries()) {
    const digits = number[0] === 0 ? number.subarray(1) : number;
    if (!digits.length || digits.length > 32) return null;
    raw.set(digits, 32 * (at + 1) - digits.length);
  }
  return raw;
}
