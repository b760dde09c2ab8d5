// graphql-ws: the reference client of graphql-transport-ws.

import assert from "node:assert/strict";
import test from "node:test";

import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { within } from "../lib/service.mjs";
import { FALLS, returning, soon, TRIES } from "./returning.mjs";
import { bearer, complaint, deferred, FILE, FOLLOW, kept, READ, story, world } from "./story.mjs";

const connect = (place, token, options = {}) =>
  createClient({
    url: place.websocket,
    webSocketImpl: WebSocket,
    connectionParams: bearer(token),
    retryAttempts: 0,
    ...options,
  });

/** The one result of a query, or what refused it. */
const once = (client, payload) =>
  new Promise((resolve, reject) => {
    let result;
    client.subscribe(payload, { next: (next) => (result = next), error: reject, complete: () => resolve(result) });
  });

// It does not file: mutations go by POST, which `story` does in its place.
const client = (place) => {
  const app = kept((token) => connect(place, token));
  return {
    async read(token) {
      const { data, errors } = await once(app(token), { query: READ });
      assert.equal(errors, undefined);
      return data;
    },
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

test("graphql-ws: a case is read, followed, and resumed after a cut", (t) => story(t, client));

for (const [name, fall] of Object.entries(FALLS)) {
  test(`graphql-ws comes back by itself and goes on where it was, over ${name}`, (t) => {
    const subscribe = (place, token, variables, sink) =>
      connect(place, token, {
        retryAttempts: TRIES,
        retryWait: soon,
        // `ws` tells of a refused connection by an event that is no close event; it is to be tried again as well.
        shouldRetry: () => true,
      }).subscribe({ query: FOLLOW, variables }, sink);
    return returning(t, subscribe, [fall, fall]);
  });
}

test("graphql-ws: a service that stops tells its sockets to come back", async (t) => {
  const place = await world(t);
  const [open, closed] = [deferred(), deferred()];
  connect(place, place.widgetKey, {
    lazy: false,
    onNonLazyError() {},
    on: { connected: open.resolve, closed: ({ code }) => closed.resolve(code) },
  });
  await within(open.promise, "the socket to be open");
  await place.service.restart("SIGTERM");
  assert.equal(await within(closed.promise, "the socket to be closed"), 1012);
});

test("graphql-ws: a mutation over a socket is refused, with what to do instead", async (t) => {
  const place = await world(t);
  const socket = connect(place, place.widgetKey);
  const refused = once(socket, { query: FILE, variables: { input: complaint() } });
  const errors = await within(refused.then(() => assert.fail("it was executed"), (error) => error), "the refusal");
  assert.equal(errors.length, 1);
  assert.equal(errors[0].extensions.code, "USE_POST");
  assert.match(errors[0].message, /POST/);
  const { cases } = await place.staff("{ cases(first: 1) { totalCount } }");
  assert.equal(cases.totalCount, 0, "nothing was filed");
  // The socket itself lives on.
  assert.equal((await once(socket, { query: "{ __typename }" })).data.__typename, "Query");
});

test("graphql-ws: a credential that is none closes the socket with 4403", async (t) => {
  const place = await world(t);
  const closed = await once(connect(place, "trk_nothing"), { query: READ }).catch((error) => error);
  assert.equal(closed.code, 4403);
});
