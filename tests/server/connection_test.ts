import { assertEquals, assertStringIncludes } from "@std/assert";
import { errorReply, type Reply, reply } from "../../lib/http/reply.ts";
import { Admission, CLOSED } from "../../lib/server/admission.ts";
import type { Socket } from "../../lib/server/client.ts";
import { Connection } from "../../lib/server/connection.ts";
import { StreamQuota } from "../../lib/server/stream_quota.ts";
import { DEADLINES } from "../../lib/server/context.ts";
import { bytesOf } from "../helpers.ts";
import { NO_COUNTERS } from "./counters.ts";

const NOW = 1_700_000_000_000;
const PROXY = "192.0.2.1";
const PROXY_HEADER = "PROXY TCP4 198.51.100.7 192.0.2.1 56324 443\r\n";
const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** A socket that gives what it was made with, and then stands still until it is closed. */
class FakeSocket implements Socket {
  readonly remoteAddr: Deno.NetAddr;
  written = "";
  closed = 0;
  readonly #input: Uint8Array[];
  readonly #end: PromiseWithResolvers<null> = Promise.withResolvers();

  constructor(hostname: string, ...input: string[]) {
    this.remoteAddr = { transport: "tcp", hostname, port: 1 };
    this.#input = input.map(bytesOf);
  }

  read(into: Uint8Array): Promise<number | null> {
    const bytes = this.#input.shift();
    if (bytes === undefined) return this.#end.promise;
    into.set(bytes);
    return Promise.resolve(bytes.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.written += new TextDecoder().decode(bytes);
    return Promise.resolve(bytes.length);
  }

  /** The client ends as well when the server does. */
  closeWrite(): Promise<void> {
    this.#end.resolve(null);
    return Promise.resolve();
  }

  close(): void {
    this.closed++;
    this.#end.reject(new Deno.errors.BadResource("closed"));
    this.#end.promise.catch(() => {});
  }
}

/** A socket whose handshake the test ends. */
class FakeTlsSocket extends FakeSocket {
  readonly secured: PromiseWithResolvers<void> = Promise.withResolvers();

  handshake(): Promise<void> {
    return this.secured.promise;
  }

  override close(): void {
    super.close();
    this.secured.promise.catch(() => {});
    this.secured.reject(new Deno.errors.BadResource("closed"));
  }
}

/** A connection, and what it tells. */
class Stage {
  readonly connection: Connection;
  readonly reports: unknown[] = [];
  readonly counts: string[] = [];
  readonly addresses: string[] = [];

  constructor(socket: Socket) {
    const limits = { connectionsMax: 10, openingMax: 10 };
    const count = (cause: string) => this.counts.push(cause);
    const rules = {
      isTrusted: (address: string) => address === PROXY,
      subjectOf: (address: string) => address,
    };
    this.connection = new Connection(socket, {
      respond: (_head, _now, client): Reply => {
        this.addresses.push(client.address);
        return reply(204, []);
      },
      refusal: errorReply,
      deadlines: DEADLINES,
      nextTurn: () => undefined,
      record: undefined,
      report: (error) => this.reports.push(error),
      isDraining: () => false,
      isProxy: (peer) => peer === PROXY,
      admission: new Admission(limits, rules, count),
      streamQuota: new StreamQuota(10),
      counters: {
        ...NO_COUNTERS,
        countRefusal: count,
        countTimeout: (phase) => count(`${phase} timeout`),
      },
    }, NOW);
  }

  get state(): unknown[] {
    const { phase, since, awaitsClient, isOpening } = this.connection;
    return [phase, since, awaitsClient, isOpening];
  }
}

Deno.test("Connection has nothing to open without TLS and without a proxy", async () => {
  const socket = new FakeSocket("198.51.100.1", REQUEST);
  const stage = new Stage(socket);
  assertEquals(stage.state, ["head", NOW, true, false]);
  const served = stage.connection.serve(0);
  assertEquals(stage.state, ["idle", NOW, true, false]);
  await Promise.resolve();
  stage.connection.close();
  await served;
  assertEquals(stage.addresses, ["198.51.100.1"]);
  assertEquals([socket.closed, stage.reports, stage.counts], [1, [], []]);
});

Deno.test("Connection closes a handshake at the deadline of a head, and counts that once", async () => {
  const socket = new FakeTlsSocket("198.51.100.1");
  const stage = new Stage(socket);
  const served = stage.connection.serve(0);
  stage.connection.sweep(NOW + DEADLINES.head - 1);
  assertEquals(stage.state, ["head", NOW, true, true]);
  assertEquals(socket.closed, 0);
  stage.connection.sweep(NOW + DEADLINES.head);
  stage.connection.sweep(NOW + DEADLINES.head);
  await served;
  assertEquals([socket.closed, socket.written], [1, ""]);
  assertEquals([stage.reports, stage.counts], [[], ["head timeout"]]);
});

for (const isFault of [false, true]) {
  const name = isFault ? "reports" : "does not report";
  const whose = isFault ? "the server's fault" : "the client's fault";
  Deno.test(`Connection ${name} a handshake that fails by ${whose}`, async () => {
    const socket = new FakeTlsSocket("198.51.100.1");
    const stage = new Stage(socket);
    const served = stage.connection.serve(0);
    const error = isFault ? new TypeError() : new Deno.errors.InvalidData();
    socket.secured.reject(error);
    await served;
    assertEquals([socket.closed, socket.written], [1, ""]);
    assertEquals(stage.reports, isFault ? [error] : []);
  });
}

Deno.test("Connection serves what came together with the PROXY header, for the client it names", async () => {
  const socket = new FakeSocket(PROXY, PROXY_HEADER + REQUEST);
  const stage = new Stage(socket);
  const served = stage.connection.serve(0);
  assertEquals(stage.state, ["head", NOW, true, true]);
  for (let i = 0; i < 100 && socket.written === ""; i++) {
    await Promise.resolve();
  }
  stage.connection.close();
  await served;
  assertEquals(stage.addresses, ["198.51.100.7"]);
  assertStringIncludes(socket.written, "HTTP/1.1 204 ");
});

Deno.test("Connection that was stopped while it opened answers one request and ends", async () => {
  const socket = new FakeSocket(PROXY, PROXY_HEADER + REQUEST + REQUEST);
  const stage = new Stage(socket);
  const served = stage.connection.serve(0);
  stage.connection.stop();
  await served;
  assertEquals(stage.addresses.length, 1);
  assertStringIncludes(socket.written, "Connection: close");
});

Deno.test("Connection that was stopped while it opened ends when no request has come", async () => {
  const socket = new FakeTlsSocket("198.51.100.1");
  const stage = new Stage(socket);
  const served = stage.connection.serve(0);
  stage.connection.stop();
  socket.secured.resolve();
  await served;
  assertEquals([socket.written, socket.closed, stage.reports], ["", 1, []]);
});

Deno.test("Connection without a PROXY header from a proxy is counted and closed without a word", async () => {
  const socket = new FakeSocket(PROXY, REQUEST);
  const stage = new Stage(socket);
  await stage.connection.serve(0);
  assertEquals([socket.written, socket.closed], ["", 1]);
  assertEquals([stage.addresses, stage.counts], [[], ["proxy_header"]]);
});

Deno.test("Connection tells a client that is refused why, but not one that is closed", async () => {
  const refused = new FakeSocket("198.51.100.1");
  await new Stage(refused).connection.serve(503);
  assertStringIncludes(refused.written, "HTTP/1.1 503 ");
  const closed = new FakeTlsSocket("198.51.100.1");
  await new Stage(closed).connection.serve(CLOSED);
  assertEquals([refused.closed, closed.closed, closed.written], [1, 1, ""]);
});

Deno.test("Connection that is silent in its handshake is closed when the server stops", async () => {
  const socket = new FakeTlsSocket("198.51.100.1");
  const stage = new Stage(socket);
  const served = stage.connection.serve(0);
  stage.connection.closeIfSilent(NOW - 1);
  assertEquals(socket.closed, 0);
  stage.connection.closeIfSilent(NOW);
  await served;
  assertEquals(socket.closed, 1);
});
