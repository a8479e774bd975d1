import { assert, assertEquals } from "@std/assert";
import { ErrorCode, FrameType } from "../../../lib/http/http2/frames.ts";
import { reply } from "../../../lib/http/reply.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  TestServer,
  testWith,
} from "../../helpers.ts";
import { Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";

const GET = linesOf("GET", "/a.txt", {});

const NO_CONTENT = reply(204, []);

testWith(
  HAS_NETWORK,
  "HTTP/2 names the last stream when the server stops, and answers those that are open",
  async () => {
    using directory = new TemporaryDirectory();
    directory.write("a.txt", "a");
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      respond: async () => {
        await promise;
        return { ...NO_CONTENT };
      },
    });
    await using client = await Http2Client.connect(server.port);
    const id = await client.begin(GET);
    await client.frame(({ type, flags }) => type === 4 && flags === 1, "ACK");
    const stopping = server.server.stop(5000);
    await client.frame(({ type }) => type === FrameType.GoAway, "GOAWAY");
    resolve();
    assertEquals((await client.response(id)).status, 204);
    assertEquals(await client.goAway(), ErrorCode.NoError);
    await stopping;
    const last = client.frames.filter(({ type }) => type === FrameType.GoAway);
    assert(last.length >= 1);
  },
);
