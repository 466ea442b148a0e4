// QLDB's official driver for Node.js, as its own integration tests use it. The ledger's name comes by LEDGER; where the
// server is, the SDK finds out by itself. At HASTY_URL is another server, with a ledger whose transactions expire soon.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { QLDBClient, DescribeLedgerCommand, ResourceNotFoundException } from "@aws-sdk/client-qldb";
import { BadRequestException, InvalidSessionException, OccConflictException, QLDBSessionClient, SendCommandCommand } from "@aws-sdk/client-qldb-session";
import driverPackage from "amazon-qldb-driver-nodejs";
import * as ion from "ion-js";

const { QldbDriver, RetryConfig } = driverPackage;
const LEDGER = process.env.LEDGER;
let driver;

before(() => { driver = new QldbDriver(LEDGER); });
after(() => driver.close());

const run = (statement, ...parameters) =>
  driver.executeLambda(async (txn) => (await txn.execute(statement, ...parameters)).getResultList());
const newTable = async (name) => { await run(`CREATE TABLE ${name}`); return name; };

test("tables are created, listed, and refused a second time", async () => {
  await newTable("Tables");
  assert.ok((await driver.getTableNames()).includes("Tables"));
  await assert.rejects(run("CREATE TABLE Tables"), (error) => {
    assert.ok(error instanceof BadRequestException);
    assert.equal(error.name, "BadRequestException");
    assert.match(error.message, /Table with name: USER\.Tables already exists/);
    assert.equal(error.Code, "412");
    assert.equal(error.$metadata.httpStatusCode, 400);
    return true;
  });
});

test("an index is created and shown in the catalog", async () => {
  await newTable("Indexed");
  await run("CREATE INDEX ON Indexed (Name)");
  const rows = await run("SELECT VALUE indexes[0] FROM information_schema.user_tables WHERE name = ?", "Indexed");
  assert.equal(rows[0].get("expr").stringValue(), "[Name]");
});

test("documents are inserted, changed, counted and deleted", async () => {
  await newTable("Documents");
  const [inserted] = await run("INSERT INTO Documents ?", { Name: "Ann", n: 1 });
  assert.equal(inserted.get("documentId").stringValue().length, 22);
  await run("INSERT INTO Documents << ?, ? >>", { Name: "Bob", n: 2 }, { Name: "Cid", n: 3 });
  await run("UPDATE Documents SET n = ? WHERE Name = ?", 7, "Ann");
  assert.equal((await run("SELECT VALUE n FROM Documents WHERE Name = ?", "Ann"))[0].numberValue(), 7);
  await run("DELETE FROM Documents WHERE Name = ?", "Ann");
  assert.equal((await run("SELECT COUNT(*) FROM Documents"))[0].get("_1").numberValue(), 2);
});

const LITERALS = [
  "null", "true", "5", "5.5", "2.5e0", "2016-12-20T05:23:43Z", "abc", '"text"', '{{"clob"}}', "{{aGVsbG8=}}", "[1,2]",
  "(1 2)", "{a:1}", "null.bool", "null.int", "null.decimal", "null.float", "null.timestamp", "null.symbol",
  "null.string", "null.clob", "null.blob", "null.sexp", "null.list", "null.struct", "tag::5", "tag::{a:b::1}",
];

test("every Ion type goes as a parameter into a column and comes back unchanged", async (context) => {
  await newTable("Types");
  for (const [key, literal] of LITERALS.entries()) {
    await context.test(literal, async () => {
      const value = ion.load(literal);
      await run("INSERT INTO Types ?", ion.load(`{k:${key},v:${literal}}`));
      const [found] = await run("SELECT VALUE v FROM Types WHERE k = ?", key);
      assert.equal(ion.dumpText(found), ion.dumpText(value));
      assert.equal(found.getType(), value.getType());
      await run("UPDATE Types SET v = 'other' WHERE k = ?", key);
      await run("UPDATE Types SET v = ? WHERE k = ?", value, key);
      const [updated] = await run("SELECT VALUE v FROM Types WHERE k = ?", key);
      assert.equal(ion.dumpText(updated), ion.dumpText(value));
    });
  }
});

test("many pages are read to the end, with io usage and timings", async () => {
  await newTable("Pages");
  for (let start = 0; start < 40; start += 20) {
    await run("INSERT INTO Pages ?", Array.from({ length: 20 }, (_, index) => ({ n: start + index })));
  }
  await driver.executeLambda(async (txn) => {
    const stream = await txn.executeAndStreamResults("SELECT a.n FROM Pages AS a, Pages AS b");
    let count = 0;
    for await (const _ of stream) count += 1;
    assert.equal(count, 1600);
    assert.ok(stream.getConsumedIOs().getReadIOs() > 0);
    assert.ok(stream.getTimingInformation().getProcessingTimeMilliseconds() >= 0);
  });
});

test("a conflict is retried, and raised when retries end", async () => {
  await newTable("Conflicts");
  await run("INSERT INTO Conflicts ?", { n: 0 });
  let attempts = 0;
  const conflicting = async (txn) => {
    attempts += 1;
    await txn.execute("SELECT * FROM Conflicts");
    await run("UPDATE Conflicts SET n = n + 1");
    await txn.execute("UPDATE Conflicts SET n = 100");
  };
  await assert.rejects(driver.executeLambda(conflicting, new RetryConfig(2, () => 1)), OccConflictException);
  assert.equal(attempts, 3);
  assert.equal((await run("SELECT VALUE n FROM Conflicts"))[0].numberValue(), 3);
});

test("an abort and an error of the program leave nothing", async () => {
  await newTable("Aborts");
  const aborting = async (txn) => { await txn.execute("INSERT INTO Aborts ?", { n: 1 }); await txn.abort(); };
  await assert.rejects(driver.executeLambda(aborting), { name: "LambdaAbortedError" });
  const failing = async (txn) => { await txn.execute("INSERT INTO Aborts ?", { n: 1 }); throw new RangeError("mine"); };
  await assert.rejects(driver.executeLambda(failing), RangeError);
  assert.deepEqual(await run("SELECT * FROM Aborts"), []);
});

test("a statement error leaves the transaction open for the next statement", async () => {
  await newTable("Errors");
  await driver.executeLambda(async (txn) => {
    await assert.rejects(txn.execute("DELETE FROM Nope"), (error) => {
      assert.ok(error instanceof BadRequestException);
      assert.match(error.message, /No such variable named 'Nope'/);
      return true;
    });
    await txn.execute("INSERT INTO Errors ?", { n: 1 });
  });
  assert.equal((await run("SELECT * FROM Errors")).length, 1);
});

test("sessions are pooled, and a pool that is used up refuses", async () => {
  const small = new QldbDriver(LEDGER, {}, {}, 1);
  await assert.rejects(
    small.executeLambda(async () => { await small.getTableNames(); }), { name: "SessionPoolEmptyError" });
  assert.ok(Array.isArray(await small.getTableNames()));
  small.close();
});

test("a closed driver refuses", async () => {
  const closed = new QldbDriver(LEDGER);
  closed.close();
  await assert.rejects(closed.getTableNames(), { name: "DriverClosedError" });
});

test("a ledger that is not there is an error of each API", async () => {
  const lost = new QldbDriver("no-such-ledger");
  await assert.rejects(lost.getTableNames(), BadRequestException);
  lost.close();
  const control = new QLDBClient();
  await assert.rejects(control.send(new DescribeLedgerCommand({ Name: "no-such-ledger" })), ResourceNotFoundException);
  assert.equal((await control.send(new DescribeLedgerCommand({ Name: LEDGER }))).State, "ACTIVE");
  control.destroy();
});

test("an unknown session is an invalid session", async () => {
  const client = new QLDBSessionClient();
  const command = new SendCommandCommand({ SessionToken: "abcd", StartTransaction: {} });
  await assert.rejects(client.send(command), (error) => {
    assert.ok(error instanceof InvalidSessionException);
    assert.equal(error.message, "No such session");
    return true;
  });
  client.destroy();
});

test("a transaction that takes too long has expired", async () => {
  const hasty = new QldbDriver(`${LEDGER}-hasty`, { endpoint: process.env.HASTY_URL });
  let transactionId;
  const slow = async (txn) => {
    transactionId = txn.getTransactionId();
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.TOO_LONG)));
    await txn.execute("SELECT * FROM information_schema.user_tables");
  };
  await assert.rejects(hasty.executeLambda(slow), (error) => {
    assert.ok(error instanceof InvalidSessionException);
    assert.equal(error.message, `Transaction ${transactionId} has expired`);
    return true;
  });
  hasty.close();
});
