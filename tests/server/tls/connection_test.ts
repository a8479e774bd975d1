import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { denoError } from "../../../lib/server/tls/connection.ts";
import { reportOf } from "../../../lib/server/errors.ts";
import { connectTls, FIRST_PAIR } from "../../certificates.ts";
import { openConnections, until, utf8, within } from "../../helpers.ts";
import * as pairs from "../../service/pairs.ts";
import { openTls, rawPair, testTls, tlsPair } from "./tls_pair.ts";
import { TlsListener } from "../../../lib/server/tls/listener.ts";

/** Registers a test with a listener, after which no descriptor is left. */
function testConnection(
  name: string,
  fn: (listener: TlsListener) => Promise<void>,
): void {
  testTls(name, async () => {
    const listener = await openTls();
    try {
      // What a runtime opens once and for all.
      (await tlsPair(listener))[Symbol.dispose]();
      await fn(listener);
    } finally {
      listener.close();
    }
  });
}

/** How many bytes a step moves, done over and over, until it stands still or has moved too many. */
async function untilStill(step: () => Promise<number>): Promise<number> {
  let moved = 0;
  let looks = 0;
  (async () => {
    while (moved < TOO_MANY) {
      moved += await step();
      looks = 0;
    }
  })().catch(() => {});
  while (++looks < 6) await new Promise((resolve) => setTimeout(resolve, 50));
  assertLess(moved, TOO_MANY);
  return moved;
}

const MEBIBYTE = 1024 * 1024;

/** More than two systems keep in their buffers for whoever does not read. */
const TOO_MANY = 32 * MEBIBYTE;

testConnection(
  "what one end writes the other reads, both ways",
  async (listener) => {
    using pair = await tlsPair(listener);
    const { client, server } = pair;
    assertEquals(server.remoteAddr, client.localAddr);
    const into = new Uint8Array(100);
    for (let round = 0; round < 3; round++) {
      const wish = utf8(`wish ${round}`);
      await client.write(wish);
      assertEquals(await server.read(into), wish.length);
      assertEquals(into.subarray(0, wish.length), wish);
      assertEquals(await server.write(wish), wish.length);
      assertEquals(await client.read(into), wish.length);
    }
    assertEquals(await server.write(new Uint8Array(0)), 0);
  },
);

testConnection(
  "what comes is given out in pieces, in order, and then the end",
  async (listener) => {
    using pair = await tlsPair(listener);
    const { client, server } = pair;
    const sent = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
    const sending = (async () => {
      for (let at = 0; at < sent.length;) {
        at += await client.write(sent.subarray(at));
      }
      await client.closeWrite();
    })();
    const got = new Uint8Array(sent.length);
    let at = 0;
    for (const sizes = [3000, 1, 70_000];;) {
      const size = sizes[at % sizes.length]!;
      const into = got.subarray(at, at + size);
      const count = await within(
        server.read(into.length > 0 ? into : new Uint8Array(1)),
        "more",
      );
      if (count === null) break;
      at += count;
    }
    assertEquals(at, sent.length);
    assertEquals(got, sent);
    assertEquals(await server.read(got), null);
    await sending;
    // The other way is open as ever.
    assertEquals(await server.write(utf8("ok")), 2);
    assertEquals(await client.read(got), 2);
  },
);

testConnection(
  "a client that sends more than is read has to wait",
  async (listener) => {
    using pair = await tlsPair(listener);
    const { client, server } = pair;
    const sent = await untilStill(() => client.write(new Uint8Array(65_536)));
    const into = new Uint8Array(65_536);
    for (let read = 0; read < sent;) {
      read += (await within(server.read(into), "what was sent"))!;
    }
  },
);

testConnection(
  "a write waits until the system has taken it, and is interrupted by close()",
  async (listener) => {
    using pair = await tlsPair(listener);
    const { client, server } = pair;
    const bytes = new Uint8Array(16_384);
    let last: Promise<number> = Promise.resolve(0);
    const written = await untilStill(() => last = server.write(bytes));
    server.close();
    await assertRejects(
      () => within(last, "the write"),
      Deno.errors.BadResource,
    );
    await assertRejects(() => server.write(bytes), Deno.errors.BadResource);
    await assertRejects(() => server.closeWrite(), Deno.errors.BadResource);
    await assertRejects(() => server.read(bytes), Deno.errors.BadResource);
    // The client gets what the system has, and then the end, be it a rough one.
    let got = 0;
    const reading = (async () => {
      for (let count; (count = await client.read(bytes)) !== null;) {
        got += count;
      }
    })().catch(() => {});
    await within(reading, "the end");
    assertEquals(got, written);
  },
);

testConnection(
  "close() ends a long write with the number of bytes that the client gets",
  async (listener) => {
    using pair = await tlsPair(listener);
    const { client, server } = pair;
    const bytes = new Uint8Array(32 * MEBIBYTE);
    const writing = server.write(bytes);
    const into = new Uint8Array(65_536);
    let got = 0;
    while (got < 500_000) got += (await client.read(into))!;
    server.close();
    const written = await within(writing, "the write");
    await assertRejects(() => server.write(bytes), Deno.errors.BadResource);
    const reading = (async () => {
      for (let count; (count = await client.read(into)) !== null;) got += count;
    })().catch(() => {});
    await within(reading, "the end");
    // A piece may be under way.
    assert(got >= written && got <= written + 49_152, `${got}, ${written}`);
  },
);

testConnection(
  "a long write resolves when a second has passed, so that its progress is seen",
  async (listener) => {
    using pair = await tlsPair(listener);
    const { client, server } = pair;
    const bytes = new Uint8Array(32 * MEBIBYTE);
    const writing = server.write(bytes);
    const into = new Uint8Array(65_536);
    let isWritten = false;
    writing.then(() => isWritten = true);
    // A client that reads slowly.
    while (!isWritten) {
      for (let count = 0; count < 32; count++) await client.read(into);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assertLess(await writing, bytes.length);
  },
);

testConnection(
  "the protocol is what ALPN chose: the server's first that the client offers",
  async () => {
    const listener = await TlsListener.open(
      { hostname: "127.0.0.1", port: 0, reusePort: false },
      FIRST_PAIR,
      ["h2", "http/1.1"],
    );
    try {
      for (const [offered, chosen] of OFFERS) {
        const { port } = listener.addr;
        const [client, server] = await Promise.all([
          Deno.connectTls({
            hostname: "127.0.0.1",
            port,
            caCerts: [pairs.CA],
            ...(offered === undefined ? {} : { alpnProtocols: [...offered] }),
          }),
          listener.accept(),
        ]);
        assertEquals(server.protocol, undefined);
        await Promise.all([client.handshake(), server.handshake()]);
        assertEquals(server.protocol, chosen, String(offered));
        client.close();
        server.close();
      }
    } finally {
      listener.close();
    }
  },
);

/** What clients offer by ALPN, and what is chosen. */
const OFFERS = [
  [undefined, undefined],
  [["http/1.1"], "http/1.1"],
  [["h2"], "h2"],
  [["http/1.1", "h2"], "h2"],
  [["spdy/1", "http/1.1"], "http/1.1"],
] as const;

testConnection(
  "closeWrite() tells the client of the end, behind everything written",
  async (listener) => {
    using pair = await tlsPair(listener);
    const { client, server } = pair;
    const length = 500_000;
    let got = 0;
    const reading = (async () => {
      const into = new Uint8Array(65_536);
      for (let count; (count = await client.read(into)) !== null;) got += count;
    })();
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) at += await server.write(bytes.subarray(at));
    await within(server.closeWrite(), "closeWrite()");
    // Without an error: the end was told in TLS.
    await within(reading, "the end");
    assertEquals(got, length);
    await assertRejects(() => server.write(bytes), Deno.errors.BrokenPipe);
    await client.write(utf8("ok"));
    assertEquals(await server.read(bytes), 2);
  },
);

for (
  const [name, bytes] of [
    ["that says nothing", []],
    ["that begins to say hello", [22, 3, 1, 2, 0, 1, 0, 1, 252]],
  ] as const
) {
  testConnection(
    `close() ends the handshake of a client ${name}, and the client sees it`,
    async (listener) => {
      using pair = await rawPair(listener);
      const { client, server } = pair;
      const shaking = server.handshake();
      await client.write(Uint8Array.from(bytes));
      server.close();
      server.close();
      await assertRejects(() => shaking, Deno.errors.BadResource);
      const end = client.read(new Uint8Array(9)).catch(() => null);
      assertEquals(await within(end, "the end"), null);
      await until(
        () => !openConnections(listener.addr.port),
        "the descriptor",
      );
    },
  );
}

testConnection(
  "a client that leaves in the middle of the handshake ends it",
  async (listener) => {
    const { client, server } = await rawPair(listener);
    const shaking = server.handshake();
    client.close();
    const error = await assertRejects(() => within(shaking, "the end"));
    assertEquals(reportOf(error, true), undefined, String(error));
    server.close();
  },
);

testConnection(
  "who does not speak TLS gets an alert, and that is nobody's fault here",
  async (listener) => {
    using pair = await rawPair(listener);
    const { client, server } = pair;
    await client.write(utf8("GET / HTTP/1.1\r\n\r\n"));
    const error = await assertRejects(() => server.handshake());
    assertEquals(reportOf(error, true), undefined);
    const into = new Uint8Array(100);
    const count = await within(client.read(into), "the alert");
    assertEquals([count, into[0]], [7, 21]);
  },
);

testConnection(
  "garbage behind the handshake ends the connection",
  async (listener) => {
    const { port } = listener.addr;
    // A relay that can put in a word of its own.
    using relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [near, { far, close }, server] = await Promise.all([
      connectTls(relay.addr.port),
      relayOne(relay, port),
      listener.accept(),
    ]);
    await server.handshake();
    const reading = server.read(new Uint8Array(9));
    await far.write(Uint8Array.of(23, 3, 3, 0, 20, ...new Uint8Array(20)));
    const error = await assertRejects(() => within(reading, "the end"));
    assert(error instanceof Deno.errors.InvalidData, String(error));
    server.close();
    near.close();
    await close();
  },
);

/** Passes on what comes to a listener's first connection, both ways. */
async function relayOne(relay: Deno.TcpListener, port: number) {
  const near = await relay.accept();
  const far = await Deno.connect({ hostname: "127.0.0.1", port });
  const pass = async (from: Deno.Conn, to: Deno.Conn) => {
    const bytes = new Uint8Array(16_384);
    try {
      for (let count; (count = await from.read(bytes)) !== null;) {
        await to.write(bytes.subarray(0, count));
      }
    } catch {
      // One of them has left.
    }
  };
  const passing = Promise.all([pass(near, far), pass(far, near)]);
  const close = async () => {
    near.close();
    far.close();
    await passing;
  };
  return { far, close };
}

testConnection(
  "a client that leaves is the end of what is read, and an error where it is written",
  async (listener) => {
    const { client, server } = await tlsPair(listener);
    const reading = server.read(new Uint8Array(9));
    client.close();
    assertEquals(await within(reading, "the end"), null);
    const error = await assertRejects(async () => {
      for (;;) await within(server.write(new Uint8Array(65_536)), "a write");
    });
    assertEquals(reportOf(error, true), undefined, String(error));
    server.close();
  },
);

testConnection(
  "100 connections leave no descriptor behind",
  async (listener) => {
    for (let count = 0; count < 100; count++) {
      using pair = count % 2 === 0
        ? await tlsPair(listener)
        : await rawPair(listener);
      if (count % 4 === 0) await pair.server.closeWrite();
    }
    await until(
      () => !openConnections(listener.addr.port),
      "the descriptors",
    );
  },
);

/** What node:net and node:tls say, and what Deno's own sockets would. */
const ERRORS = [
  ["ECONNRESET", Deno.errors.ConnectionReset],
  ["EPIPE", Deno.errors.BrokenPipe],
  ["ECANCELED", Deno.errors.Interrupted],
  ["EBADF", Deno.errors.BadResource],
  ["ERR_SOCKET_CLOSED", Deno.errors.BadResource],
  ["ERR_STREAM_DESTROYED", Deno.errors.BadResource],
  ["ERR_SSL_NO_APPLICATION_PROTOCOL", Deno.errors.InvalidData],
  ["EADDRINUSE", Deno.errors.AddrInUse],
] as const;

for (const [code, kind] of ERRORS) {
  Deno.test(`denoError() knows ${code}`, () => {
    const error = denoError(Object.assign(new Error("message"), { code }));
    assert(error instanceof kind);
    assertEquals(error.message, "message");
  });
}

Deno.test("denoError() leaves what it does not know", () => {
  const error = new Error("unheard of");
  assert(denoError(error) === error);
});
