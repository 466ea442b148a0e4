// The page "Audit": evidence that stands outside the ledger: notarised digests, and the runs of the auditor.

import { Archive } from "./archive.js";
import { Audits, verdict } from "./audits.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { head } from "./router.js";

export async function show(main, { ledger, signal }) {
  const [audits, archive] = [new Audits(ledger, signal), new Archive(ledger, signal)];
  const last = h("span", { role: "status" });
  fill(
    main,
    head(
      "Audit",
      "Digests that were signed and put where the ledger's owner cannot change them, and what the auditor found when it computed the journal anew.",
      last,
    ),
    h("div", { class: "stack" }, audits.element, archive.element),
  );
  const [reports] = await Promise.all([audits.load(), archive.more()]);
  if (reports.length) fill(last, badge(reports[0]));
}

function badge(report) {
  const [kind, word] = verdict(report);
  return h("span", { class: `badge ${kind}` }, icon(kind), `the last audit: ${word}`);
}
