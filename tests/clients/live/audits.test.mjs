// The audits of graphql-http: what GraphQL over HTTP says that a server MUST, SHOULD or MAY do, asked of the service.

import assert from "node:assert/strict";
import test from "node:test";

import { serverAudits } from "graphql-http";

import { startService } from "../lib/service.mjs";

// Written down, so that a version of the package with fewer audits, or an audit left out, is noticed.
const AUDITS = 61;

test("every audit of graphql-http is passed", async (t) => {
  const service = await startService();
  t.after(() => service.stop());
  const audits = serverAudits({ url: service.says.graphql });
  assert.equal(audits.length, AUDITS);
  const results = [];
  for (const audit of audits) results.push(await audit.fn());
  const failing = results.filter(({ status }) => status !== "ok");
  for (const { status, id, name, reason } of failing) t.diagnostic(`${status} ${id} ${name}: ${reason}`);
  t.diagnostic(`${results.length - failing.length} of ${results.length} audits ok`);
  assert.deepEqual(failing.map(({ status, id, name, reason }) => `${status} ${id} ${name}: ${reason}`), []);
});
