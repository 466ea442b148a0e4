// Asks receipt.mjs, one question and one answer a line, so that a test can ask thousands.
import { createInterface } from "node:readline";
import { steps } from "../../verifier/receipt.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  const told = { steps: [] };
  try {
    for await (const step of steps(...JSON.parse(line))) told.steps.push(step);
  } catch (error) {
    told.problem = error.message;
  }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
