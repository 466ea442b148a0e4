// Asks verify.js, one question and one answer a line, so that a test can ask thousands.
import { createInterface } from "node:readline";
import { answer, H, merkle, parse } from "../../verifier/verify.js";

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (hash) => Buffer.from(hash).toString("hex");

const QUESTIONS = {
  hash: async ({ text }) => hex(await H(parse(text))),
  merkle: async ({ hashes }) => hex(await merkle(hashes.map(bytes))),
  async steps({ given, digest }) {
    const steps = [];
    for await (const step of answer(parse(given), parse(digest))) steps.push(step);
    return steps;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { question, ...members } = JSON.parse(line);
  const told = await QUESTIONS[question](members).then((result) => ({ result }), (error) => ({ problem: error.message }));
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
