// Apollo Client: over HTTP alone, where its HttpLink asks for subscriptions as multipart, and with GraphQLWsLink.

import assert from "node:assert/strict";
import test from "node:test";

import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { until, within } from "../lib/service.mjs";
import { bearer, deferred, FILE, filed, FOLLOW, kept, READ, story, world } from "./story.mjs";

// GraphQLWsLink looks at this name when a connection fails; browsers and Node 22 have it.
globalThis.WebSocket ??= WebSocket;

const app = (link) => new ApolloClient({ link, cache: new InMemoryCache(), devtools: { enabled: false } });
const overHttp = (place) => kept((token) => app(new HttpLink({ uri: place.graphql, headers: bearer(token) })));
const overSocket = (place) =>
  kept((token) => {
    const options = { url: place.websocket, webSocketImpl: WebSocket, retryAttempts: 0 };
    return app(new GraphQLWsLink(createClient({ ...options, connectionParams: bearer(token) })));
  });

const client = (reader, follower) => (place) => {
  const [read, follow] = [reader(place), follower(place)];
  return {
    async file(input) {
      const { data, error } = await read(place.widgetKey).mutate({ mutation: gql(FILE), variables: { input } });
      assert.equal(error, undefined);
      return data;
    },
    async read(token) {
      const { data, error } = await read(token).query({ query: gql(READ), fetchPolicy: "network-only" });
      assert.equal(error, undefined);
      return data;
    },
    follow(token, after, next) {
      const { promise: ended, resolve } = deferred();
      const following = follow(token).subscribe({ query: gql(FOLLOW), variables: { after } }).subscribe({
        next: ({ data, error }) => (error ? resolve(error) : next(data.myCaseEvents)),
        error: resolve,
        complete: () => resolve("complete"),
      });
      return { ended, stop: () => following.unsubscribe() };
    },
  };
};

test("Apollo over HTTP, subscriptions as multipart: filed, read, followed, resumed after a cut", (t) =>
  story(t, client(overHttp, overHttp)));

test("Apollo with GraphQLWsLink: filed over HTTP, read, followed, resumed after a cut", (t) =>
  story(t, client(overHttp, overSocket)));

test("Apollo over HTTP: a service that restarts is not taken for the end of the subscription", async (t) => {
  const place = await world(t);
  const { follow } = client(overHttp, overHttp)(place);
  const { trackingToken } = await filed(place);
  const seen = [];
  const { ended, stop } = follow(trackingToken, 0, (event) => seen.push(event));
  t.after(stop);
  let early;
  ended.then((why) => (early = why));
  await until(() => seen.length > 0 || early, "the first event");
  assert.equal(early, undefined);
  await place.service.restart("SIGTERM");
  assert.notEqual(await within(ended, "the end of the stream"), "complete");
});

test("Apollo over HTTP: who may not follow is told so, by a code", async (t) => {
  const place = await world(t);
  const { follow } = client(overHttp, overHttp)(place);
  for (const [token, code] of [[place.widgetKey, "FORBIDDEN"], ["trk_nothing", "UNAUTHENTICATED"]]) {
    const error = await within(follow(token, 0, assert.fail).ended, "the refusal");
    // Refused before the stream began, it is a status with a body; after, a result with errors.
    const errors = error.errors ?? JSON.parse(error.bodyText ?? "{}").errors;
    assert.deepEqual(errors?.map(({ extensions }) => extensions.code), [code], String(error));
  }
});
