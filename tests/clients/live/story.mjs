// The one story that every client lives through: file a complaint, read the case, follow it, be cut off while things
// happen, come back with the last `seq` as `after`. A client is {file, read, follow}, made of one real library.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { ask, cuttable, startService, until, within } from "../lib/service.mjs";

export const FILE = `mutation File($input: FileComplaintInput!) {
  fileComplaint(input: $input) {
    receipt { reference ownerName trackingToken }
    userErrors { code field message }
  }
}`;
export const READ = "query Read { myCase { id reference stage version messages { id text fromCustomer } } }";
export const FOLLOW = `subscription Follow($after: Int) {
  myCaseEvents(after: $after) { seq kind case { id stage } message { id text fromCustomer } }
}`;

/** What a customer writes into the form. */
export const complaint = () => ({
  idempotencyKey: randomUUID(),
  subject: "The trampoline came without its net",
  text: "Five boxes came; the one with the net did not.",
  email: "kim.lind@example.com",
});

/** A service, a proxy before it, and the one who answers for cases; all of it ends with the test. */
export async function world(t) {
  const service = await startService();
  t.after(() => service.stop());
  const proxy = await cuttable(service.port);
  t.after(() => proxy.close());
  const token = service.says.tokens.manager;
  const staff = (document, variables) => ask(service.says.graphql, document, { token, variables });
  return {
    service,
    proxy,
    /** Asks as a manager of the company, who sees every case. Not through the proxy: no cut stops it. */
    staff,
    graphql: proxy.through(service.says.graphql),
    websocket: proxy.through(service.says.websocket),
    sse: proxy.through(service.says.sse),
    widgetKey: service.says.widgetKey,
    /** The company's side of the case with this reference. */
    async desk(reference) {
      const { cases } = await staff("{ cases(first: 50) { nodes { id reference } } }");
      const { id } = cases.nodes.find((known) => known.reference === reference);
      const done = ({ userErrors }) => assert.deepEqual(userErrors, []);
      return {
        id,
        say: async (text) => done((await staff(SAY, { input: { caseId: id, text } })).sendMessage),
        /** The number of its last event. */
        version: async () => (await staff(VERSION, { id })).case.version,
      };
    },
  };
}

const SAY = "mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { code message } } }";
const VERSION = "query Version($id: ID!) { case(by: { id: $id }) { version } }";

/** Files with the library if it can, else over plain HTTP, and checks the receipt. */
export async function filed(place, file) {
  const input = complaint();
  const data = file
    ? await file(input)
    : await ask(place.graphql, FILE, { token: place.widgetKey, variables: { input } });
  assert.deepEqual(data.fileComplaint.userErrors, []);
  const { receipt } = data.fileComplaint;
  assert.match(receipt.trackingToken, /^trk_/);
  return { ...receipt, input };
}

/**
 * The whole story. `make(place)` gives the client:
 * file(input) -> data; read(token) -> data; follow(token, after, next) -> {ended, stop}. `ended` is fulfilled when the
 * stream ends: with "complete", or with the error.
 */
export async function story(t, make) {
  const place = await world(t);
  const client = await make(place);
  const { reference, trackingToken, input } = await filed(place, client.file);

  const { myCase } = await client.read(trackingToken);
  assert.equal(myCase.reference, reference);
  assert.equal(myCase.stage, "RECEIVED");
  assert.deepEqual(myCase.messages.map(({ text, fromCustomer }) => [text, fromCustomer]), [[input.text, true]]);

  const desk = await place.desk(reference);
  const seen = [];
  const follow = async () => {
    const stream = await client.follow(trackingToken, last(seen), (event) => seen.push(event));
    t.after(stream.stop);
    stream.ended.then((why) => (stream.why = { why }));
    return stream;
  };
  const caughtUp = async () => {
    const version = await desk.version();
    const reached = () => last(seen) >= version;
    await until(() => reached() || stream.why, `event ${version}, after ${last(seen)}`);
    assert.ok(reached(), `it ended after event ${last(seen)} of ${version}: ${stream.why?.why}`);
  };

  let stream = await follow();
  await caughtUp();
  await desk.say("live");
  await caughtUp();
  assert.equal(seen.findLast((event) => event.message).message.text, "live");

  // Once with nothing on its way, once in the middle of a burst.
  for (const burst of [[], ["in flight 1", "in flight 2", "in flight 3"]]) {
    const before = seen.length;
    const saying = burst.reduce((said, text) => said.then(() => desk.say(text)), Promise.resolve());
    await until(() => burst.length === 0 || seen.length > before, "the burst to begin");
    assert.ok(place.proxy.cut() > 0, "there was a connection to cut");
    const why = await within(stream.ended, "the client to notice that it was cut off");
    assert.notEqual(why, "complete", "a cut is not the end of the subscription");
    await saying;
    await desk.say(`while away from ${seen.length}`);
    stream = await follow();
    await caughtUp();
    await desk.say(`back at ${seen.length}`);
    await caughtUp();
  }
  stream.stop();

  const version = await desk.version();
  consecutive(seen, version);
  const { myCase: after } = await client.read(trackingToken);
  assert.equal(after.version, version);
  assert.equal(after.stage, "ACKNOWLEDGED");
  const told = seen.filter((event) => event.message).map((event) => event.message.text);
  assert.deepEqual(told, after.messages.map((message) => message.text));
}

/** The cursor to resume after: the number of the last event that came. */
export const last = (seen) => seen.at(-1)?.seq ?? 0;

/** Every number from 1 to the last, each once, in order. */
export function consecutive(seen, version) {
  const expected = Array.from({ length: version }, (_, index) => index + 1);
  assert.deepEqual(seen.map((event) => event.seq), expected);
}

/** A promise with its handle outside. */
export function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

/** The same answer for the same argument: an app makes one client and keeps it. */
export function kept(make) {
  const made = new Map();
  return (key) => made.get(key) ?? made.set(key, make(key)).get(key);
}

export const bearer = (token) => ({ authorization: `Bearer ${token}` });
