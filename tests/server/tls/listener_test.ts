import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  CAN_SERVE_TLS,
  ReplacedListener,
  TlsListener,
} from "../../../lib/server/tls/listener.ts";
import {
  certificateOf,
  connectTls,
  FIRST_PAIR,
  PAIRS,
  untilCertificate,
} from "../../certificates.ts";
import type { Socket } from "../../../lib/server/client.ts";
import {
  HAS_NETWORK,
  HAS_PROGRAMS,
  testWith,
  until,
  within,
} from "../../helpers.ts";
import { openTls, rawPair, testTls, tlsPair } from "./tls_pair.ts";

const SECOND_PAIR = PAIRS[1]!;

/** Accepts until the listener is closed; each connection stays until its client leaves. */
async function acceptAll(
  listener: TlsListener | ReplacedListener,
): Promise<void> {
  const served: Promise<void>[] = [];
  try {
    for (;;) served.push(untilLeft(await listener.accept()));
  } catch (error) {
    assert(error instanceof Deno.errors.BadResource, String(error));
  }
  await Promise.all(served);
}

async function untilLeft(socket: Socket): Promise<void> {
  const into = new Uint8Array(9);
  try {
    while (await socket.read(into) !== null);
  } catch {
    // It does not trust the certificate, or has left in another rough way.
  }
  socket.close();
}

Deno.test("what the runtime can do is known of those that are supported", () => {
  assertEquals(CAN_SERVE_TLS, !Deno.version.deno.startsWith("2.5."));
});

testTls("a connection is given out before its handshake", async () => {
  const listener = await openTls();
  using _pair = await within(rawPair(listener), "a connection");
  listener.close();
});

testTls(
  "close() ends what waits, and those who were not given out; others go on",
  async () => {
    const listener = await openTls();
    using pair = await tlsPair(listener);
    const { port } = listener.addr;
    const accepting = listener.accept();
    using given = await Deno.connect({ hostname: "127.0.0.1", port });
    const first = await accepting;
    using forgotten = await Deno.connect({ hostname: "127.0.0.1", port });
    listener.close();
    listener.close();
    await assertRejects(() => listener.accept(), Deno.errors.BadResource);
    await assertRejects(
      () => Deno.connect({ hostname: "127.0.0.1", port }),
      Deno.errors.ConnectionRefused,
    );
    const end = forgotten.read(new Uint8Array(9)).catch(() => null);
    assertEquals(await within(end, "the end of who was not given out"), null);
    await pair.server.write(Uint8Array.of(1));
    assertEquals(await pair.client.read(new Uint8Array(9)), 1);
    first.close();
    assertEquals(await given.read(new Uint8Array(9)).catch(() => null), null);
  },
);

testTls("close() ends an accept() that waits", async () => {
  const listener = await openTls();
  const accepting = listener.accept();
  listener.close();
  await assertRejects(() => accepting, Deno.errors.BadResource);
});

testTls("a port that is taken is refused, unless both share it", async () => {
  const hostname = "127.0.0.1";
  const first = await TlsListener.open(
    { hostname, port: 0, reusePort: false },
    FIRST_PAIR,
  );
  const address = { hostname, port: first.addr.port, reusePort: false };
  await assertRejects(
    () => TlsListener.open(address, FIRST_PAIR),
    Deno.errors.AddrInUse,
  );
  first.close();
  if (Deno.build.os !== "linux") return;
  const shared = { hostname, port: 0, reusePort: true };
  const one = await TlsListener.open(shared, FIRST_PAIR);
  const other = await TlsListener.open(
    { ...shared, port: one.addr.port },
    FIRST_PAIR,
  );
  one.close();
  other.close();
});

testTls(
  "setKeyPair() shows another certificate from the next connection on, and others go on",
  async () => {
    const listener = await openTls();
    const { port } = listener.addr;
    using pair = await tlsPair(listener);
    const accepting = acceptAll(listener);
    assertEquals(await certificateOf(port), FIRST_PAIR.name);
    for (const next of [...PAIRS.slice(1), FIRST_PAIR]) {
      listener.setKeyPair(next);
      assertEquals(await certificateOf(port), next.name);
    }
    await pair.server.write(Uint8Array.of(1));
    assertEquals(await pair.client.read(new Uint8Array(9)), 1);
    listener.close();
    await accepting;
  },
);

testWith(
  HAS_NETWORK && Deno.build.os === "linux",
  "where node:tls cannot serve, another listener comes in for another pair" +
    (Deno.build.os === "linux" ? "" : " (needs Linux)"),
  async () => {
    const address = { hostname: "127.0.0.1", port: 0, reusePort: true };
    const listener = new ReplacedListener(address, FIRST_PAIR);
    const { port } = listener.addr;
    const accepting = acceptAll(listener);
    assertEquals(await certificateOf(port), FIRST_PAIR.name);
    using open = await connectTls(port);
    listener.setKeyPair(SECOND_PAIR);
    assertEquals(listener.addr.port, port);
    // The old one may give out one more.
    await untilCertificate(port, SECOND_PAIR.name);
    await open.write(Uint8Array.of(1));
    await open.closeWrite();
    assertEquals(await open.read(new Uint8Array(9)), null);
    listener.close();
    await accepting;
  },
);

/** A process of few descriptors that says why it cannot accept, and answers all the same; with `closes` it ends each connection at once. */
const FEW = `
  import { TlsListener } from ${
  JSON.stringify(import.meta.resolve("../../../lib/server/tls/listener.ts"))
};
  const [cert, key, closes] = Deno.args;
  // As the program does. Without a descriptor the runtime could not do it later, and would panic.
  Deno.addSignalListener("SIGHUP", () => {});
  const say = (text) => Deno.stdout.writeSync(new TextEncoder().encode(text + "\\n"));
  const listener = await TlsListener.open({ hostname: "127.0.0.1", port: 0, reusePort: true }, { cert, key });
  say("port " + listener.addr.port);
  for (;;) {
    try {
      const connection = await listener.accept();
      if (closes) connection.close();
      else connection.read(new Uint8Array(9)).catch(() => {}).then(() => connection.close());
    } catch (error) {
      say("none: " + error.message);
    }
  }`;

const CAN_LIMIT = HAS_PROGRAMS && CAN_SERVE_TLS && Deno.build.os === "linux";

/** Runs {@linkcode FEW}: `body` gets its port, and what it has said so far. */
async function withFew(
  args: readonly string[],
  body: (port: number, said: () => string) => Promise<void>,
): Promise<void> {
  const { cert, key } = FIRST_PAIR;
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      'ulimit -n 50 && exec "$0" "$@"',
      Deno.execPath(),
      "eval",
      "--no-lock",
      "--ext=js",
      FEW,
      cert,
      key,
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  const hearing = (async () => {
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      said += text;
    }
  })();
  try {
    await until(() => said.includes("\n"), "the port");
    await body(Number(/^port (\d+)/.exec(said)![1]), () => said);
  } finally {
    child.kill("SIGKILL");
    await hearing;
    await child.status;
  }
}

/** Opens many connections to a port, one after the other; closes them, and waits for `then` before. */
async function crowd(
  port: number,
  count: number,
  then: (clients: readonly Deno.Conn[]) => Promise<void>,
): Promise<void> {
  const clients: Deno.Conn[] = [];
  try {
    for (let at = 0; at < count; at++) {
      clients.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
    await then(clients);
  } finally {
    for (const client of clients) client.close();
  }
}

testWith(
  CAN_LIMIT,
  "accepting goes on when descriptors have run out, and it is said" +
    (CAN_LIMIT ? "" : " (needs Linux, programs and servers of node:tls)"),
  () =>
    withFew([], async (port, said) => {
      await crowd(port, 60, async () => {
        await until(
          () => said().includes("none: Too many open files"),
          said(),
        );
      });
      const client = await within(connectTls(port), "a connection as before");
      client.close();
    }),
);

/** How long 400 connections may take that are closed at once, in ms; looking twice a second it would be ten seconds. */
const CROWD_MS = 4_000;

testWith(
  CAN_LIMIT,
  "connections that wait for descriptors are accepted as soon as others have left" +
    (CAN_LIMIT ? "" : " (needs Linux, programs and servers of node:tls)"),
  () =>
    withFew(["closes"], async (port) => {
      const began = Date.now();
      await crowd(port, 400, async (clients) => {
        const ends = clients.map((client) => client.read(new Uint8Array(1)));
        await within(Promise.allSettled(ends), "the end of all", CROWD_MS * 5);
      });
      assertLess(Date.now() - began, CROWD_MS);
    }),
);
