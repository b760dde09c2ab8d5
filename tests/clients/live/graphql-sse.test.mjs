// graphql-sse: the reference client of "distinct connections"; mutations and queries go over its own transport too.

import assert from "node:assert/strict";
import test from "node:test";

import { createClient } from "graphql-sse";

import { within } from "../lib/service.mjs";
import { FALLS, returning, soon, TRIES } from "./returning.mjs";
import { bearer, deferred, FILE, FOLLOW, kept, READ, story, world } from "./story.mjs";

const connect = (url, token, options = {}) =>
  createClient({ url, headers: bearer(token), retryAttempts: 0, ...options });

const once = (client, payload) =>
  new Promise((resolve, reject) => {
    let result;
    client.subscribe(payload, { next: (next) => (result = next), error: reject, complete: () => resolve(result) });
  });

const client = (address) => (place) => {
  const app = kept((token) => connect(place[address], token));
  const one = async (token, payload) => {
    const { data, errors } = await once(app(token), payload);
    assert.equal(errors, undefined);
    return data;
  };
  return {
    file: (input) => one(place.widgetKey, { query: FILE, variables: { input } }),
    read: (token) => one(token, { query: READ }),
    follow(token, after, next) {
      const { promise: ended, resolve } = deferred();
      const stop = app(token).subscribe(
        { query: FOLLOW, variables: { after } },
        { next: ({ data }) => next(data.myCaseEvents), error: resolve, complete: () => resolve("complete") },
      );
      return { ended, stop };
    },
  };
};

test("graphql-sse at /graphql: filed, read, followed, resumed after a cut", (t) => story(t, client("graphql")));
test("graphql-sse at /graphql/stream: the same", (t) => story(t, client("sse")));

for (const [name, fall] of Object.entries(FALLS)) {
  test(`graphql-sse comes back by itself and goes on where it was, over ${name}`, (t) => {
    const subscribe = (place, token, variables, sink) =>
      connect(place.sse, token, { retryAttempts: TRIES, retry: soon }).subscribe({ query: FOLLOW, variables }, sink);
    return returning(t, subscribe, [fall, fall]);
  });
}

for (const [name, query, code] of [
  ["is no GraphQL", "subscription {", "GRAPHQL_PARSE_FAILED"],
  ["asks for what is not there", "subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ["is for somebody else", "subscription { myCaseEvents { seq } }", "FORBIDDEN"],
]) {
  // The protocol: errors before execution MUST come as `next`; a status of 400 says nothing to the client's user.
  test(`graphql-sse: a document that ${name} is refused through the stream`, async (t) => {
    const place = await world(t);
    const { errors } = await within(once(connect(place.sse, place.widgetKey), { query }), "the refusal");
    assert.deepEqual(errors.map(({ extensions }) => extensions.code), [code]);
  });
}

test("graphql-sse: a credential that is none is refused, and not by a stream that stays silent", async (t) => {
  const place = await world(t);
  const error = await once(connect(place.sse, "trk_nothing"), { query: READ }).catch((refused) => refused);
  assert.equal(error.name, "NetworkError");
  assert.equal(error.response.status, 401);
});

test("server-sent events: `complete` has a data field, without which an EventSource never hears of it", async (t) => {
  const place = await world(t);
  const body = JSON.stringify({ query: "{ __typename }" });
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const response = await fetch(place.sse, { method: "POST", headers, body });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const events = (await response.text()).split("\n\n").map((event) => event.split("\n"));
  const complete = events.find((event) => event[0] === "event: complete");
  assert.match(complete[1] ?? "", /^data:/);
});
