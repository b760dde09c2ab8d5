// Starts the built service with its demo company for tests of clients, and stands between the two with a proxy whose
// connections can be cut. No dependencies, so that every suite of clients can use it as it is. Node 18 and newer.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** How long anything may take before a test gives up; generous, because machines that test are busy. */
export const PATIENCE = 60_000;

// A test that dies must not leave a service behind.
const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/**
 * A service with an empty store of its own, on a free port of loopback. `says` is the line it prints when it is ready:
 * {graphql, http, sse, websocket, widgetKey, tokens}. `args` are further arguments of `ansvar demo`.
 */
export async function startService({ binary = process.env.ANSVAR_BIN, args = [], env = {} } = {}) {
  if (!binary) throw new Error("Set ANSVAR_BIN to the service's binary.");
  const data = await mkdtemp(path.join(tmpdir(), "ansvar-clients-"));
  let running = await launch(binary, data, "127.0.0.1:0", args, env);
  const end = async (signal) => {
    await halt(running, signal);
    await rm(data, { recursive: true, force: true });
  };
  return {
    get says() {
      return running.says;
    },
    get port() {
      return portOf(running.says.http);
    },
    get pid() {
      return running.child.pid;
    },
    /** What it has written to its log, for a look when a test fails. */
    log: () => running.log.join("\n"),
    /** Lets it end in order. */
    stop: () => end("SIGTERM"),
    /** Pulls the plug. Its data is gone; see `restart` to go on with it. */
    kill9: () => end("SIGKILL"),
    /** Ends it, with whichever signal, and starts it again at the same address with the same data. */
    async restart(signal = "SIGTERM") {
      const listen = new URL(running.says.http).host;
      await halt(running, signal);
      running = await launch(binary, data, listen, args, env);
    },
  };
}

async function launch(binary, data, listen, args, env) {
  const child = spawn(binary, ["demo", "--empty", "--json", "--listen", listen, "--data", data, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const log = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    log.push(line);
    if (log.length > 200) log.shift();
  });
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`The service ended (${code ?? signal}).`)));
  });
  try {
    return { child, log, says: JSON.parse(await within(ready, "the service to be ready", 60_000)) };
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`${error.message}\n${log.join("\n")}`);
  }
}

async function halt({ child }, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  try {
    await within(gone, `the service to end on ${signal}`);
  } catch (error) {
    child.kill("SIGKILL");
    await gone;
    throw error;
  }
}

const portOf = (address) => Number(new URL(address).port);

/**
 * A proxy before `target` (a port of loopback). `cut()` destroys the connections there are and goes on listening, so
 * that clients can come back; `through(url)` is the same address by way of the proxy.
 */
export async function cuttable(target) {
  const pairs = new Set();
  const server = net.createServer((client) => {
    const service = net.connect(target, "127.0.0.1");
    const pair = { client, service };
    pairs.add(pair);
    const drop = () => {
      pairs.delete(pair);
      client.destroy();
      service.destroy();
    };
    for (const socket of [client, service]) {
      socket.setNoDelay(true);
      socket.on("error", drop);
      socket.on("close", drop);
    }
    client.pipe(service).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const cut = () => {
    const count = pairs.size;
    for (const { client, service } of pairs) {
      client.destroy();
      service.destroy();
    }
    return count;
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    through: (address) => Object.assign(new URL(address), { port }).href,
    /** How many connections there are. */
    get open() {
      return pairs.size;
    },
    /** Destroys them and tells how many they were. */
    cut,
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

/** Posts a document and gives the whole answer: {status, data, errors}. */
export async function post(url, query, { token, variables, headers = {} } = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  return { status: response.status, ...(await response.json()) };
}

/** Posts a document that must succeed, and gives its data. Errors in `userErrors` are the caller's to look at. */
export async function ask(url, query, options) {
  const answer = await post(url, query, options);
  if (answer.errors || !answer.data) throw new Error(`GraphQL refused: ${JSON.stringify(answer)}\n${query}`);
  return answer.data;
}

/** Waits until `condition` gives something truthy, and gives that. It may be asynchronous; what it throws is thrown. */
export async function until(condition, what = String(condition), patience = PATIENCE) {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${patience} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The promise, or an error when it takes too long. */
export async function within(promise, what, patience = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${patience} ms in vain for: ${what}`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
