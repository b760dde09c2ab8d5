// urql: its own fetchExchange, which asks for subscriptions as server-sent events, and its subscriptionExchange over
// graphql-ws and graphql-sse. Queries go by GET, urql's default.

import assert from "node:assert/strict";
import test from "node:test";

import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSse } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";
import WebSocket from "ws";

import { bearer, deferred, FILE, FOLLOW, kept, READ, story } from "./story.mjs";

const forwarded = (transport) =>
  subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: transport.subscribe({ query, variables }, sink) }),
    }),
  });

const TRANSPORTS = {
  "fetchExchange alone (server-sent events)": () => [],
  "subscriptionExchange over graphql-ws": (place, token) => [
    forwarded(
      createSocket({
        url: place.websocket,
        webSocketImpl: WebSocket,
        connectionParams: bearer(token),
        retryAttempts: 0,
      }),
    ),
  ],
  "subscriptionExchange over graphql-sse": (place, token) => [
    forwarded(createSse({ url: place.sse, headers: bearer(token), retryAttempts: 0 })),
  ],
};

const client = (subscriptions) => (place) => {
  const app = kept((token) => {
    const others = subscriptions(place, token);
    return new Client({
      url: place.graphql,
      fetchOptions: { headers: bearer(token) },
      fetchSubscriptions: others.length === 0,
      exchanges: [...others, fetchExchange],
    });
  });
  return {
    async file(input) {
      const { data, error } = await app(place.widgetKey).mutation(FILE, { input }).toPromise();
      assert.equal(error, undefined);
      return data;
    },
    async read(token) {
      const context = { requestPolicy: "network-only" };
      const { data, error } = await app(token).query(READ, {}, context).toPromise();
      assert.equal(error, undefined);
      return data;
    },
    follow(token, after, next) {
      const { promise: ended, resolve } = deferred();
      const following = app(token).subscription(FOLLOW, { after }).subscribe(({ data, error, hasNext }) => {
        // The last result of a stream repeats the one before it, with `hasNext: false`.
        if (error || !hasNext) resolve(error ?? "complete");
        else next(data.myCaseEvents);
      });
      return { ended, stop: () => following.unsubscribe() };
    },
  };
};

for (const [name, subscriptions] of Object.entries(TRANSPORTS)) {
  test(`urql, ${name}: filed, read, followed, resumed after a cut`, (t) => story(t, client(subscriptions)));
}
