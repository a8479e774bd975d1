import { assert, assertEquals } from "@std/assert";
import { FieldSection } from "../../../lib/http/field_section.ts";
import { errorReply, type Reply } from "../../../lib/http/reply.ts";
import { DEADLINES, type Deadlines } from "../../../lib/server/context.ts";
import { Server } from "../../../lib/server/server.ts";
import type { Phase } from "../../../lib/observe/metric_layout.ts";
import { CAN_SERVE_TLS } from "../../../lib/server/tls/listener.ts";
import { connectTls, FIRST_PAIR } from "../../certificates.ts";
import {
  HAS_NETWORK,
  openConnections,
  testWith,
  until,
  utf8,
  within,
} from "../../helpers.ts";
import { NO_COUNTERS } from "../counters.ts";
import { openTls, testTls } from "./tls_pair.ts";
import { assertQuick } from "../../quickness.ts";

/** What a client says before it stands still. */
const STALLS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["nothing at all", []],
  ["the beginning of a hello", [22, 3, 1, 2, 0, 1, 0, 1, 252]],
];

function replyOf(length: number): Reply {
  return {
    status: 200,
    fields: new FieldSection([["Content-Length", String(length)]]),
    body: [new Uint8Array(length)],
    close: false,
  };
}

/** More than the system keeps in its buffers for a client that does not read. */
const BIG = replyOf(32 * 1024 * 1024);

const WISH = utf8("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");

/** A server at work, and what it tells. */
class Stage implements AsyncDisposable {
  readonly timeouts: Phase[] = [];
  readonly reports: unknown[] = [];
  readonly server: Server;
  readonly served: Promise<void>;

  constructor(
    listener: ConstructorParameters<typeof Server>[0],
    deadlines: Partial<Deadlines>,
    reply: Reply = BIG,
  ) {
    this.server = new Server(listener, {
      respond: () => reply,
      refusal: errorReply,
      report: (error) => this.reports.push(error),
      deadlines: { ...DEADLINES, ...deadlines },
      counters: {
        ...NO_COUNTERS,
        countTimeout: (phase) => this.timeouts.push(phase),
      },
    });
    this.served = this.server.serve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(0);
    await this.served;
    assertEquals(this.reports, []);
  }
}

for (const [name, bytes] of STALLS) {
  testTls(
    `a handshake with ${name} is closed at the deadline of a head`,
    async () => {
      const listener = await openTls();
      const { port } = listener.addr;
      await using stage = new Stage(listener, { head: 100 });
      using socket = await Deno.connect({ hostname: "127.0.0.1", port });
      await socket.write(Uint8Array.from(bytes));
      const end = socket.read(new Uint8Array(9)).catch(() => null);
      assertEquals(await within(end, "the end"), null);
      await until(() => stage.server.connections === 0, "the end");
      assertEquals(stage.timeouts, ["head"]);
      await until(() => !openConnections(port), "the descriptor");
    },
  );

  testWith(
    HAS_NETWORK && !CAN_SERVE_TLS,
    `nobody waits for a handshake with ${name} after the deadline of a head` +
      (CAN_SERVE_TLS ? " (for runtimes without servers of node:tls)" : ""),
    async () => {
      const { cert, key } = FIRST_PAIR;
      const address = { hostname: "127.0.0.1", port: 0 };
      const listener = Deno.listenTls({ ...address, cert, key });
      const { port } = listener.addr as Deno.NetAddr;
      await using stage = new Stage(listener, { head: 100 });
      using socket = await Deno.connect({ hostname: "127.0.0.1", port });
      await socket.write(Uint8Array.from(bytes));
      await until(() => stage.timeouts.length > 0, "the deadline");
      await until(() => stage.server.connections === 0, "the end");
      assertEquals(stage.timeouts, ["head"]);
    },
  );
}

testTls(
  "a client that stops reading in the middle of a reply is closed at the deadline of a reply",
  async () => {
    const listener = await openTls();
    const { port } = listener.addr;
    await using stage = new Stage(listener, { reply: 100 });
    using client = await connectTls(port);
    await until(() => openConnections(port) !== 0, "the connection");
    await client.write(WISH);
    await until(() => stage.server.connections === 0, "the end");
    assertEquals(stage.timeouts, ["reply"]);
    await until(() => !openConnections(port), "the descriptor");
    // What the system had is still to be read, and then there is an end.
    let got = 0;
    const reading = (async () => {
      const into = new Uint8Array(1024 * 1024);
      for (let count; (count = await client.read(into)) !== null;) got += count;
    })().catch(() => {});
    await within(reading, "the end");
    assert(got > 0 && got < BIG.body[0]!.length, String(got));
  },
);

testTls(
  "a client that says nothing behind its handshake is closed as an idle one",
  async () => {
    const listener = await openTls();
    const { port } = listener.addr;
    await using stage = new Stage(listener, { idle: 100 });
    using client = await connectTls(port);
    const end = client.read(new Uint8Array(9)).catch(() => null);
    assertEquals(await within(end, "the end"), null);
    assertEquals(stage.timeouts, ["idle"]);
  },
);

/** With Nagle's algorithm each would wait 40 ms for the client's acknowledgement. */
const REPLIES = 25;
const REPLIES_MS_MAX = 500;

testTls(
  "the last packet of a large reply waits for no acknowledgement",
  async () => {
    const listener = await openTls();
    const { port } = listener.addr;
    // More than one piece, so that a second write follows, and together less than a packet of the loopback interface.
    const length = 60_000;
    await using _stage = new Stage(listener, {}, replyOf(length));
    using client = await connectTls(port);
    const into = new Uint8Array(65_536);
    await assertQuick(REPLIES_MS_MAX, async () => {
      for (let count = 0; count < REPLIES; count++) {
        await client.write(WISH);
        for (let got = 0; got < length;) {
          got += (await within(client.read(into), "a reply"))!;
        }
      }
    });
  },
);
