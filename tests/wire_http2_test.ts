/**
 * Runs the documents in `tests/wire/` over HTTP/2: each request that HTTP/2 can
 * say must get the same response, but for what belongs to the connection.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import {
  FrameFlag,
  FrameType,
  PREFACE,
  writeFrameHead,
} from "../lib/http/http2/frames.ts";
import { bytesOf, HAS_NETWORK, testWith, textOf } from "./helpers.ts";
import { TestServer } from "./test_server.ts";
import { HpackEncoder, type Line } from "./hpack_encoder.ts";
import { Http2Client } from "./http2_client.ts";
import {
  type Http2Request,
  http2RequestOf,
  linesOf,
} from "./http2_messages.ts";
import {
  differenceFrom,
  type Expectation,
  expectationOf,
  parseDocument,
  requestOf,
  type Variables,
} from "./wire_cases.ts";
import { SITE_FILES, variablesOf, wireSite } from "./wire_site.ts";

/** A request of a document, and what is expected of its response. */
interface Case {
  readonly title: string;
  readonly request: Http2Request;
  readonly expectation: Expectation;
}

const FOLDER = new URL("wire/", import.meta.url);

/** At least so many cases can be said in HTTP/2; fewer mean that some are left out by mistake. */
const CASES_MIN = 100;

function allCases(variables: Variables): Case[] {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md") && name !== "README.md").sort();
  return names.flatMap((name) => {
    const text = Deno.readTextFileSync(fromFileUrl(new URL(name, FOLDER)));
    return parseDocument(text).flatMap((wireCase) => {
      const request = http2RequestOf(requestOf(wireCase.request, variables));
      if (request === undefined || wireCase.responses.length !== 1) return [];
      const expectation = expectationOf(wireCase.responses[0]!, variables);
      const fields = expectation.fields.filter(([name]) =>
        name !== "connection"
      );
      return [{
        title: `${name}:${wireCase.line} ${wireCase.heading}`,
        request,
        expectation: { ...expectation, fields },
      }];
    });
  });
}

/** How the response to a case differs; undefined if it does not. */
async function differenceOf(
  client: Http2Client,
  { request, expectation }: Case,
): Promise<string | undefined> {
  const response = await client.ask(request.lines, request.body);
  return differenceFrom(expectation, response, request.method === "HEAD");
}

testWith(
  HAS_NETWORK,
  "responses over HTTP/2 are those of the wire documents, one after the other and all at once",
  async () => {
    using directory = wireSite();
    await using server = new TestServer(directory.path, { acceptsH2c: true });
    const cases = allCases(await variablesOf(server.port));
    assert(cases.length >= CASES_MIN, `${cases.length} cases`);
    const wrong: string[] = [];
    const note = async (client: Http2Client, wireCase: Case) => {
      const difference = await differenceOf(client, wireCase).catch(String);
      if (difference === undefined) return;
      wrong.push(`${wireCase.title}: ${difference}`);
    };
    {
      await using client = await Http2Client.connect(server.port);
      for (const wireCase of cases) await note(client, wireCase);
      assertEquals(client.tableBytes, 0);
    }
    {
      await using client = await Http2Client.connect(server.port);
      for (let at = 0; at < cases.length; at += 50) {
        const some = cases.slice(at, at + 50);
        await Promise.all(some.map((wireCase) => note(client, wireCase)));
      }
    }
    assertEquals(wrong, []);
    assertEquals(server.reports, []);
  },
);

/** Lines whose block is some hundred bytes long. */
const LINES = [
  ...linesOf("GET", "/hello.txt", { Host: "a", "X-Long": "x".repeat(200) }),
];

testWith(
  HAS_NETWORK,
  "a header block is the same request in frames of any length",
  async () => {
    using directory = wireSite();
    await using server = new TestServer(directory.path, { acceptsH2c: true });
    await using client = await Http2Client.connect(server.port);
    // From the length of the whole block down to that of an eighth.
    for (let bytes = 240; bytes >= 30; bytes--) {
      const lines = LINES.map(([name, value]): Line => [name, value, "never"]);
      const response = await client.response(
        await client.begin(lines, true, bytes),
      );
      assertEquals(response.body, SITE_FILES["hello.txt"]);
    }
    assertEquals(server.reports, []);
  },
);

testWith(
  HAS_NETWORK,
  "a connection is the same in two pieces, cut anywhere",
  async () => {
    using directory = wireSite();
    await using server = new TestServer(directory.path, { acceptsH2c: true });
    const block = new HpackEncoder().encode(LINES);
    const head = new Uint8Array(9);
    const { Settings, Headers } = FrameType;
    const settings = new Uint8Array(9);
    writeFrameHead(settings, 0, 0, Settings, 0, 0);
    const flags = FrameFlag.EndHeaders | FrameFlag.EndStream;
    writeFrameHead(head, 0, block.length, Headers, flags, 1);
    const all = new Uint8Array([
      ...bytesOf(PREFACE),
      ...settings,
      ...head,
      ...block,
    ]);
    for (let cut = 1; cut < all.length; cut++) {
      const socket = await Deno.connect({
        hostname: "127.0.0.1",
        port: server.port,
      });
      socket.setNoDelay(true);
      await using client = Http2Client.listen(socket);
      await client.send(all.subarray(0, cut));
      await Promise.resolve();
      await client.send(all.subarray(cut));
      const { payload } = await client.frame(
        ({ type }) => type === FrameType.Data,
        "the content",
      );
      assertEquals(textOf(payload), SITE_FILES["hello.txt"]);
    }
    assertEquals(server.reports, []);
  },
);
