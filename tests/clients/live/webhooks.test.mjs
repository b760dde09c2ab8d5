// A supplier's own system: it hears of its tasks by webhooks, whose signatures the published library of Standard Webhooks
// checks, and reads them with a token that it gets by its secret.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import test from "node:test";

import { Webhook, WebhookVerificationError } from "standardwebhooks";

import { ask, PATIENCE, post, until } from "../lib/service.mjs";
import { filed, world } from "./story.mjs";

const ENDPOINT = "secret webhookEndpoint { id previousSecretUntil }";

/** A system that listens; `heard` is everything it was told: {headers, body}, the body as the bytes that came. */
async function receiver(t) {
  const heard = [];
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    heard.push({ headers: request.headers, body: Buffer.concat(parts) });
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    // The service keeps its connection for what comes next.
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/hooks`,
    /** The delivery with this number, from 0, when it has come. */
    nth: (number) => until(() => heard[number], `delivery ${number}`),
  };
}

/** A case, and a partner that can be asked to do its part of it. */
async function supplied(t) {
  const place = await world(t);
  const { graphql, tokens } = place.service.says;
  const acting = (token) => async (name, input, selection) => {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
    const document = `mutation($input: ${type}!) { act: ${name}(input: $input) { ${selection} userErrors { message } } }`;
    const { act } = await ask(graphql, document, { token, variables: { input } });
    assert.deepEqual(act.userErrors, [], name);
    return act;
  };
  const whose = "{ viewer { ... on PartnerContact { partner { id } } } }";
  const { viewer } = await ask(graphql, whose, { token: tokens.partner });
  const { id: caseId } = await place.desk((await filed(place)).reference);
  const manager = acting(tokens.manager);
  return {
    place,
    partnerId: viewer.partner.id,
    /** An act of the partner's contact. */
    contact: acting(tokens.partner),
    /** The manager asks the partner to do its part; gives the task's id. */
    async requested() {
      const dueAt = new Date(Date.now() + 3 * 86_400_000).toISOString();
      const part = { caseId, partnerId: viewer.partner.id, title: "Bring the net", asked: "The net is missing.", dueAt };
      return (await manager("requestTask", part, "task { id }")).task.id;
    },
  };
}

const verified = (secret, { body, headers }) => new Webhook(secret).verify(body, headers);

const refused = (secret, delivery, why) =>
  assert.throws(() => verified(secret, delivery), (error) => {
    assert.ok(error instanceof WebhookVerificationError, String(error));
    assert.match(error.message, why);
    return true;
  });

test("webhooks: what the partner is told is verified by the library, and what was changed is not", async (t) => {
  const { partnerId, contact, requested } = await supplied(t);
  const { url, nth } = await receiver(t);
  const { newSecret } = await contact("createWebhookEndpoint", { partnerId, url }, `newSecret { ${ENDPOINT} }`);
  const task = await requested();
  const told = await nth(0);
  const { type, data } = verified(newSecret.secret, told);
  assert.equal(type, "task.requested");
  assert.equal(data.taskId, task);
  assert.equal(told.headers["content-type"], "application/json");

  const changed = Buffer.from(told.body);
  changed[changed.length - 3] ^= 1;
  refused(newSecret.secret, { ...told, body: changed }, /No matching signature/);

  const other = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  refused(other, told, /No matching signature/);

  // The time is signed too: it cannot be made newer than it is.
  const time = Number(told.headers["webhook-timestamp"]);
  const at = (seconds, more) => ({ ...told, headers: { ...told.headers, "webhook-timestamp": `${seconds}`, ...more } });
  refused(newSecret.secret, at(time + 1), /No matching signature/);
  // And what was signed long ago is refused, however well.
  const old = time - 3600;
  const signature = new Webhook(newSecret.secret).sign(told.headers["webhook-id"], new Date(old * 1000), told.body);
  refused(newSecret.secret, at(old, { "webhook-signature": signature }), /too old/);
});

test("webhooks: after a rotation with overlap, the old secret and the new one both verify", async (t) => {
  const { partnerId, contact } = await supplied(t);
  const { url, nth } = await receiver(t);
  const { newSecret: before } = await contact("createWebhookEndpoint", { partnerId, url }, `newSecret { ${ENDPOINT} }`);
  const webhookEndpointId = before.webhookEndpoint.id;
  const ping = () => contact("pingWebhookEndpoint", { webhookEndpointId }, "webhookDelivery { id }");
  const rotated = (overlapHours) =>
    contact("rotateWebhookSecret", { webhookEndpointId, overlapHours }, `newSecret { ${ENDPOINT} }`);

  const { newSecret: after } = await rotated(24);
  assert.notEqual(after.secret, before.secret);
  const { webhookDelivery } = await ping();
  const both = await nth(0);
  assert.equal(both.headers["webhook-id"], webhookDelivery.id);
  for (const { secret } of [before, after]) assert.equal(verified(secret, both).type, "ping");

  // Without overlap, the secret before is good for nothing from that moment.
  const { newSecret: last } = await rotated(0);
  await ping();
  const alone = await nth(1);
  assert.equal(verified(last.secret, alone).type, "ping");
  for (const { secret } of [before, after]) refused(secret, alone, /No matching signature/);
});

test("a partner's system gets a token by its secret, and reads the partner's tasks with it", async (t) => {
  const { place, partnerId, contact, requested } = await supplied(t);
  const { graphql, http: origin } = place.service.says;
  const { sellers } = await place.staff("{ sellers { id } }");
  const task = await requested();
  const client = { sellerId: sellers[0].id, partnerId, name: "Field service" };
  const { apiClient } = await contact("createApiClient", client, "apiClient { id }");
  const { newSecret } = await contact("createClientSecret", { apiClientId: apiClient.id }, "newSecret { secret }");

  // RFC 6749, 4.4.2 and 2.3.1: a form, and the secret as a password of HTTP Basic.
  const granted = async (secret) => {
    const response = await fetch(new URL("/oauth/token", origin), {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${apiClient.id}:${secret}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: response.status, ...(await response.json()) };
  };
  const { status, access_token: token, token_type: type, scope } = await granted(newSecret.secret);
  assert.deepEqual([status, type], [200, "Bearer"]);
  assert.ok(scope.split(" ").includes("tasks:read"), scope);
  const { tasks } = await ask(graphql, "{ tasks(first: 5) { nodes { id title } } }", { token });
  assert.deepEqual(tasks.nodes, [{ id: task, title: "Bring the net" }]);

  // It is the partner's system and no more, and a wrong secret gets nothing.
  const beyond = await post(graphql, "{ cases(first: 1) { totalCount } }", { token });
  assert.deepEqual(beyond.errors?.map(({ extensions }) => extensions.code), ["FORBIDDEN"]);
  const wrong = await granted(`${newSecret.secret}x`);
  assert.deepEqual([wrong.status, wrong.error], [401, "invalid_client"]);
});
