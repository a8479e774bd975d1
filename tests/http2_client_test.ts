/**
 * The client of the tests, against the HTTP/2 of Node.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { ErrorCode, FrameType } from "../lib/http/http2/frames.ts";
import { bytesOf, HAS_NETWORK } from "./helpers.ts";
import { Http2Client } from "./http2_client.ts";
import { StreamEnded } from "./http2_messages.ts";
import { textOfLength } from "./semantics/stage.ts";

const LARGE = textOfLength(300_000);

function respond(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  switch (headers[":path"]) {
    case "/reset":
      // Node takes the error code that it sends for an error of its own.
      stream.on("error", () => {});
      stream.close(ErrorCode.EnhanceYourCalm);
      break;
    case "/echo":
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
      break;
    default:
      stream.respond({ ":status": 200, "x-path": headers[":path"] });
      stream.end(LARGE);
  }
}

async function serve(): Promise<{ server: Http2Server; port: number }> {
  const server = createServer();
  server.on("stream", respond);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

Deno.test({
  name: "Http2Client talks to another server",
  // The server of Deno 2.5 ends connections by itself.
  ignore: !HAS_NETWORK || Deno.version.deno.startsWith("2.5."),
  fn: async (context) => {
    const { server, port } = await serve();
    {
      await using client = await Http2Client.connect(port);
      await context.step("gets a body beyond the first windows", async () => {
        const response = await client.request("GET", "/large", { X: "y" });
        assertEquals(response.status, 200);
        assertEquals(response.fields.get("x-path"), "/large");
        assertEquals(response.body, LARGE);
      });
      await context.step("sends a body", async () => {
        const body = bytesOf(textOfLength(40_000));
        const response = await client.request("POST", "/echo", {}, body);
        assertEquals(bytesOf(response.body), body);
      });
      await context.step("tells of a reset", async () => {
        const error = await client.request("GET", "/reset").catch((e) => e);
        assert(error instanceof StreamEnded);
        assertEquals(error.by, "RST_STREAM");
        assertEquals(error.code, ErrorCode.EnhanceYourCalm);
      });
      await context.step("sends what is not allowed", async () => {
        await client.sendFrame(FrameType.Data, 0, 0, [1, 2, 3]);
        assertEquals(await client.goAway(), ErrorCode.ProtocolError);
      });
    }
    server.close();
    await once(server, "close");
  },
});
