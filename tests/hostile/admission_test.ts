import net from "node:net";
import { assert, assertEquals } from "@std/assert";
import { errorReply } from "../../lib/http/reply.ts";
import { Server } from "../../lib/server/server.ts";
import { FIRST_PAIR, putPair, requestTls, tlsArgs } from "../certificates.ts";
import { request, TemporaryDirectory, until } from "../helpers.ts";
import { NO_COUNTERS } from "../server/counters.ts";
import { openTls, testTls } from "../server/tls/tls_pair.ts";
import { Skiff } from "../skiff.ts";
import { Program, testLinux } from "./program.ts";

/** Deno 2.5 lets the system choose the address that a connection comes from. */
const CAN_CHOOSE_ADDRESS = !Deno.version.deno.startsWith("2.5.");

/** The address of those who open connections and say nothing. */
const HOARDER = "127.0.0.2";

/** Connections that say nothing, from an address of this machine. */
class Hoard implements Disposable {
  open = 0;
  ended = 0;
  readonly #sockets: net.Socket[] = [];

  constructor(port: number, count: number) {
    for (let i = 0; i < count; i++) {
      const socket = net.connect({
        host: "127.0.0.1",
        port,
        localAddress: HOARDER,
      });
      this.#sockets.push(socket);
      let isOpen = false;
      socket.on("connect", () => {
        isOpen = true;
        this.open++;
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        this.ended++;
        if (isOpen) this.open--;
      });
      // Without reading nobody notices the end.
      socket.resume();
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Checks that clients of another address are served. */
async function checkOthersAreServed(
  port: number,
  isTls: boolean,
): Promise<void> {
  const ask = isTls ? requestTls : request;
  for (let i = 0; i < 5; i++) {
    assertEquals((await ask(port, "GET", "/a.txt")).status, 200);
  }
}

const MAX = 3;
/** Beyond its limit an address has so many more that are being told so. */
const REFUSED = 8;
const WISHED = 60;

for (const workers of [1, 2]) {
  for (const isTls of [true, false]) {
    testLinux(
      `an address that says nothing on its connections has no more than its limit, ${
        isTls ? "over TLS" : "plain"
      }, ${workers} workers (not on Deno 2.5)`,
      async () => {
        using yard = new TemporaryDirectory({ "site/a.txt": "a" });
        putPair(yard, FIRST_PAIR);
        await using skiff = new Skiff([
          yard.join("site"),
          "--port=0",
          "--log=off",
          `--workers=${workers}`,
          `--connections-per-address=${MAX}`,
          ...isTls ? tlsArgs(yard) : [],
        ]);
        const port = await skiff.listening();
        using hoard = new Hoard(port, WISHED);
        await until(
          () => hoard.ended >= WISHED - MAX - REFUSED,
          "the end of what is above the limit",
        );
        assert(hoard.open >= MAX, `${hoard.open} are open`);
        await checkOthersAreServed(port, isTls);
      },
      CAN_CHOOSE_ADDRESS,
    );
  }
}

testTls(
  "handshakes that are not done take only their own places, and strangers get in",
  async () => {
    const listener = await openTls();
    const { port } = listener.addr;
    const reports: unknown[] = [];
    let evicted = 0;
    const server = new Server(listener, {
      respond: () => errorReply(404),
      report: (error) => reports.push(error),
      connectionsMax: 40,
      openingMax: 10,
      counters: {
        ...NO_COUNTERS,
        countRefusal: (cause) => {
          if (cause === "evicted") evicted++;
        },
      },
    });
    const served = server.serve();
    try {
      using _hoard = new Hoard(port, WISHED);
      await until(() => evicted >= WISHED - 10, "those that have to leave");
      await until(() => server.connections === 10, "their end");
      for (let i = 0; i < 5; i++) {
        assertEquals((await requestTls(port, "GET", "/")).status, 404);
      }
      assertEquals(reports, []);
    } finally {
      await server.stop(0);
      await served;
    }
  },
);

/** Descriptors of a process, and connections of one client, which are more. */
const DESCRIPTORS = 400;
const HOARDED = 600;

for (const isTls of [true, false]) {
  testLinux(
    `a client that wants more connections than there are descriptors keeps none from others, ${
      isTls ? "over TLS" : "plain"
    } (not on Deno 2.5)`,
    async () => {
      using yard = new TemporaryDirectory({ "site/a.txt": "a" });
      putPair(yard, FIRST_PAIR);
      await using program = new Program([
        yard.join("site"),
        "--port=0",
        "--log=off",
        ...isTls ? tlsArgs(yard) : [],
      ], { before: `ulimit -n ${DESCRIPTORS}` });
      const port = await program.listening();
      using hoard = new Hoard(port, HOARDED);
      // They are enough for no more than three quarters, with room for files.
      await until(
        () => hoard.ended >= HOARDED - DESCRIPTORS * 3 / 4,
        "the end of those above the bound",
      );
      await checkOthersAreServed(port, isTls);
    },
    CAN_CHOOSE_ADDRESS,
  );
}
