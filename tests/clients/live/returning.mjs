// A client whose library comes back by itself: the subscription is asked for once, and after every fall the library
// asks again with the cursor of that moment. The reference clients write the request anew for each try, so a getter
// is enough.

import assert from "node:assert/strict";

import { until } from "../lib/service.mjs";
import { consecutive, filed, last, world } from "./story.mjs";

/** How often and how soon to come back; the libraries' own waits are made for people, not for tests. */
export const TRIES = 1000;
export const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Every way that a connection falls, by name. */
export const FALLS = {
  "a cut": (place) => place.proxy.cut(),
  "a crash of the service": (place) => place.service.restart("SIGKILL"),
  "an ordinary restart of the service": (place) => place.service.restart("SIGTERM"),
};

/** `subscribe(place, token, variables, sink)` gives what ends it. The subscription must outlive the falls. */
export async function returning(t, subscribe, falls) {
  const place = await world(t);
  const { reference, trackingToken } = await filed(place);
  const desk = await place.desk(reference);
  const seen = [];
  const ends = [];
  const variables = {
    get after() {
      return last(seen);
    },
  };
  t.after(
    subscribe(place, trackingToken, variables, {
      next: ({ data }) => seen.push(data.myCaseEvents),
      error: (error) => ends.push(error),
      complete: () => ends.push("the client took the subscription for complete"),
    }),
  );
  const caughtUp = async () => {
    const version = await desk.version();
    await until(() => last(seen) >= version || ends.length, `event ${version}, after ${last(seen)}`);
    assert.deepEqual(ends, []);
  };
  await caughtUp();
  for (const fall of falls) {
    await fall(place);
    await desk.say("and now?");
    await caughtUp();
  }
  consecutive(seen, await desk.version());
}
