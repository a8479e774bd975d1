/**
 * Runs the documents in `tests/wire/` against a server, over real sockets: each
 * request whole, byte by byte, and cut in two at every place.
 *
 * @module
 */

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import {
  HAS_NETWORK,
  numberFrom,
  parseResponses,
  testWith,
  textOf,
  within,
} from "./helpers.ts";
import { TestServer } from "./test_server.ts";
import { Client } from "./raw_client.ts";
import {
  type Afterwards,
  differenceFrom,
  type Expectation,
  expectationOf,
  methodsOf,
  parseDocument,
  requestOf,
  type WireCase,
} from "./wire_cases.ts";
import { SITE_FILES, variablesOf, wireSite } from "./wire_site.ts";

/**
 * At so many places a request is cut in two, and wherever its grammar has a mark. The night has enough to cut all
 * but the longest everywhere.
 */
const CUTS = numberFrom("WIRE_CUTS", 5);

/** Marks of the grammar: a cut beside one of them separates what belongs together. */
const MARK = /[\r\n :;,]/;

/** Up to this many bytes a request is sent byte by byte; else in so many pieces. */
const PIECES_MAX = 1000;

/** How many connections are used at once. */
const CONNECTIONS = 32;

/** Follows what the server reads, so that a piece is sent when the one before it has been taken up. */
class Sockets {
  readonly #sockets = new Map<number, SocketState>();

  /** What is known of the connection with a port of the client. */
  of(port: number): SocketState {
    let state = this.#sockets.get(port);
    if (state === undefined) {
      state = new SocketState();
      this.#sockets.set(port, state);
    }
    return state;
  }

  /** Begins to follow a socket of the server. */
  readonly follow = (socket: Deno.Conn): void => {
    this.of((socket.remoteAddr as Deno.NetAddr).port).follow(socket);
  };

  /** Forgets a connection that has ended: its port may come again. */
  forget(port: number): void {
    this.#sockets.delete(port);
  }
}

class SocketState {
  isDone = false;
  /** How often the server began to read. */
  reads = 0;
  #taken = 0;
  #isReading = false;
  #changed: () => void = () => {};

  follow(socket: Deno.Conn): void {
    const read = socket.read.bind(socket);
    const close = socket.close.bind(socket);
    socket.read = async (into) => {
      this.reads++;
      this.#isReading = true;
      this.#changed();
      const count = await read(into);
      this.#isReading = false;
      this.#taken += count ?? 0;
      return count;
    };
    socket.close = () => {
      this.isDone = true;
      this.#changed();
      close();
    };
  }

  /** Is fulfilled when the server has read so many bytes and wants more, or is done with the connection. */
  async hasTaken(bytes: number): Promise<void> {
    while (!this.isDone && !(this.#isReading && this.#taken >= bytes)) {
      await new Promise<void>((resolve) => this.#changed = resolve);
    }
  }
}

/** Sends the pieces, one after the other was read; returns everything that comes back. */
async function converse(
  server: TestServer,
  sockets: Sockets,
  pieces: readonly string[],
  methods: readonly string[],
  afterwards: Afterwards,
): Promise<string> {
  using client = await Client.connect(server.port);
  const port = client.localPort;
  const socket = sockets.of(port);
  let sent = 0;
  for (const piece of pieces) {
    await client.send(piece);
    sent += piece.length;
    await within(socket.hasTaken(sent), "the server to read");
    if (socket.isDone) break;
  }
  let text = "";
  if (afterwards === "open") {
    for (const method of methods) text += await client.raw(method);
    await client.send(PROBE);
    text += await client.rest();
  } else {
    if (afterwards === "waiting") await client.endSending();
    text += await client.rest();
  }
  sockets.forget(port);
  return text;
}

/** Shows that a connection is still open: is answered with a body that no other response has. */
const PROBE =
  "GET /probe.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

function check(
  text: string,
  methods: readonly string[],
  expectations: readonly Expectation[],
  afterwards: Afterwards,
): string | undefined {
  const isProbed = afterwards === "open";
  const responses = parseResponses(
    text,
    isProbed ? [...methods, "GET"] : methods,
  );
  for (const [index, expectation] of expectations.entries()) {
    const difference = differenceFrom(
      expectation,
      responses[index]!,
      methods[index] === "HEAD",
    );
    if (difference !== undefined) return `response ${index + 1}: ${difference}`;
  }
  if (isProbed && responses.at(-1)!.body !== SITE_FILES["probe.txt"]) {
    return "the connection is of no more use";
  }
  // What is said of the connection must be what becomes of it.
  const last = responses[expectations.length - 1];
  const isClosing = last?.fields.get("connection") === "close";
  if (last !== undefined && isClosing !== (afterwards === "closed")) {
    return `the last response says Connection: ${
      last.fields.get("connection")
    }`;
  }
  return undefined;
}

/** The ways in which a request is cut into pieces. */
function* waysToSend(
  request: string,
  isTwin: boolean,
): Generator<string[]> {
  yield [request];
  const size = Math.ceil(request.length / PIECES_MAX);
  yield Array.from(
    { length: Math.ceil(request.length / size) },
    (_, index) => request.slice(index * size, (index + 1) * size),
  );
  if (isTwin) return;
  const step = Math.ceil(request.length / CUTS);
  let marks = 0;
  for (let at = 1; at < request.length; at++) {
    const isMark = MARK.test(request[at]!) && marks++ < CUTS;
    if (isMark || at % step === 0) {
      yield [request.slice(0, at), request.slice(at)];
    }
  }
}

/** One site for all cases: no case changes it. */
const SITE = HAS_NETWORK ? wireSite() : undefined;
addEventListener("unload", () => SITE?.[Symbol.dispose]());

/** Runs a case, or its twin: the same with HEAD. */
async function run(wireCase: WireCase, isTwin: boolean): Promise<void> {
  const sockets = new Sockets();
  await using server = new TestServer(SITE!.path, {
    accepted: sockets.follow,
  });
  const variables = await variablesOf(server.port);
  const asWritten = requestOf(wireCase.request, variables);
  const request = isTwin ? asWritten.replace("GET", "HEAD") : asWritten;
  const expectations = wireCase.responses.map((block) =>
    expectationOf(block, variables)
  );
  const methods = methodsOf(request, expectations.length);
  const { afterwards } = wireCase;
  const ways = waysToSend(request, isTwin);
  const worker = async () => {
    for (const pieces of ways) {
      const text = await converse(
        server,
        sockets,
        pieces,
        methods,
        afterwards,
      );
      const difference = check(text, methods, expectations, afterwards);
      if (difference === undefined) continue;
      const way = pieces.length === 2
        ? `cut at ${pieces[0]!.length}`
        : `in pieces of ${pieces[0]!.length}`;
      throw new Error(`Sent ${way}: ${difference}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  assertEquals(server.reports, []);
}

/** Whether HEAD must be answered as GET is (RFC 9110 §9.3.2): not where Range plays a part, which is for GET alone. */
function hasTwin({ request, responses }: WireCase): boolean {
  return request.startsWith("GET ") && responses.length === 1 &&
    /^HTTP\/1\.1 (?:200|304|308|404|412) /.test(responses[0]!) &&
    !/^Range:/m.test(request);
}

const FOLDER = new URL("wire/", import.meta.url);

if (HAS_NETWORK) {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md") && name !== "README.md");
  for (const name of names.sort()) {
    const path = fromFileUrl(new URL(name, FOLDER));
    for (const wireCase of parseDocument(Deno.readTextFileSync(path))) {
      const title = `${name}:${wireCase.line} ${wireCase.heading}`;
      Deno.test(title, () => run(wireCase, false));
      if (hasTwin(wireCase)) {
        Deno.test(`${title} (as HEAD)`, () => run(wireCase, true));
      }
    }
  }
}

testWith(HAS_NETWORK, "wire documents are all there", () => {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name);
  assertEquals(names.filter((name) => name.endsWith(".md")).length, 13);
});

testWith(
  HAS_NETWORK,
  "a request that is cut in two is read in two",
  async () => {
    using directory = wireSite();
    const sockets = new Sockets();
    await using server = new TestServer(directory.path, {
      accepted: sockets.follow,
    });
    const request = requestOf(
      "GET /hello.txt HTTP/1.1\nHost: a\nConnection: close\n\n",
      {},
    );
    using client = await Client.connect(server.port);
    const socket = sockets.of(client.localPort);
    for (const [index, piece] of [...request].entries()) {
      await client.send(piece);
      await within(socket.hasTaken(index + 1), "the server to read");
    }
    assertMatch(await client.rest(), /Hello, wire!$/);
    assertEquals(socket.reads >= request.length, true);
  },
);

const INCOMPLETE_CASES: Readonly<Record<string, string>> = {
  "no blocks": "## A\n\nThe connection is closed.\n",
  "no sentence": "## A\n\n```http\nGET\n```\n\n```http\nHTTP/1.1 200 OK\n```\n",
  "two sentences":
    "## A\n\n```http\nGET\n```\n\nThe connection is closed. The connection stays open.\n",
  "an open connection without a response":
    "## A\n\n```http\nGET\n```\n\nThe connection stays open.\n",
  "a block of another kind":
    "## A\n\n```http\nGET\n```\n\n```json\n{}\n```\n\nThe connection is closed.\n",
};

for (const [name, text] of Object.entries(INCOMPLETE_CASES)) {
  Deno.test(`parseDocument() refuses a case with ${name}`, () => {
    assertThrows(() => parseDocument(text), Error, "is not complete");
  });
}

Deno.test("requestOf() ends lines with CRLF and follows escapes", () => {
  assertEquals(
    requestOf("a\nb\\\nc\\r\\n\\0\\t\\x7F\\\\${3 times x}${tag}\n", {
      tag: "T",
    }),
    "a\r\nbc\r\n\0\t\x7f\\xxxT\r\n",
  );
});

Deno.test("textOf() and the documents' characters are bytes", () => {
  assertEquals(textOf(new Uint8Array([0, 255])), requestOf("\\0\\xff", {}));
});
