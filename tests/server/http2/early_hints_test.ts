import { assertEquals } from "@std/assert";
import { FieldSection } from "../../../lib/http/field_section.ts";
import { FrameType } from "../../../lib/http/http2/frames.ts";
import { reply } from "../../../lib/http/reply.ts";
import { HAS_NETWORK, testWith } from "../../helpers.ts";
import { Http2Client } from "../../http2_client.ts";
import { Http2Server } from "./http2_server.ts";

const PAGE = new TextEncoder().encode("page");

const HINTS = new FieldSection([["Link", "</a.css>; rel=preload; as=style"]]);

/** Requests, and the frames of the response. */
const ROWS: readonly (readonly [
  name: string,
  method: string,
  mode: string | undefined,
  hasHints: boolean,
  frames: readonly number[],
])[] = [
  ["a navigation", "GET", "navigate", true, [
    FrameType.Headers,
    FrameType.Headers,
    FrameType.Data,
  ]],
  ["a page without hints", "GET", "navigate", false, [
    FrameType.Headers,
    FrameType.Data,
  ]],
  ["a script's own fetch", "GET", "cors", true, [
    FrameType.Headers,
    FrameType.Data,
  ]],
  ["a client that says nothing", "GET", undefined, true, [
    FrameType.Headers,
    FrameType.Data,
  ]],
  ["HEAD", "HEAD", "navigate", true, [FrameType.Headers]],
];

for (const [name, method, mode, hasHints, types] of ROWS) {
  testWith(HAS_NETWORK, `103 Early Hints over HTTP/2: ${name}`, async () => {
    await using server = new Http2Server({
      respond: () => ({
        ...reply(200, [["Content-Length", `${PAGE.length}`]], [PAGE]),
        ...hasHints && { earlyHints: HINTS },
      }),
    });
    await using client = await Http2Client.connect(server.port);
    const fields = mode === undefined ? {} : { "sec-fetch-mode": mode };
    assertEquals((await client.request(method, "/", fields)).status, 200);
    const { frames } = client;
    const got = frames.filter(({ streamId }) => streamId !== 0);
    assertEquals(got.map(({ type }) => type), types);
  });
}
