import { assertEquals } from "@std/assert";
import {
  ErrorCode,
  FrameFlag,
  FrameType,
  INT31_MAX,
  readUint31,
} from "../../../lib/http/http2/frames.ts";
import { reply } from "../../../lib/http/reply.ts";
import { DEADLINES } from "../../../lib/server/context.ts";
import { StreamQuota } from "../../../lib/server/stream_quota.ts";
import { HAS_NETWORK, testWith, until } from "../../helpers.ts";
import { Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";
import { refusalsIn } from "../counters.ts";
import { Http2Server } from "./http2_server.ts";

const GET = linesOf("GET", "/a.txt", {});

const NO_CONTENT = reply(204, []);

/** What a client answers to the PING behind the first GOAWAY. */
const ANSWERS: readonly (readonly [name: string, isAnswered: boolean])[] = [
  ["as soon as the client has answered a PING", true],
  ["after a while though the client answers no PING", false],
];

for (const [name, isAnswered] of ANSWERS) {
  testWith(
    HAS_NETWORK,
    `HTTP/2 names the last stream when the server stops, ${name}, and answers those that are open`,
    async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      await using server = new Http2Server({
        respond: () => promise.then(() => NO_CONTENT),
      });
      await using client = await Http2Client.connect(server.port, {
        isHonest: false,
      });
      await client.sendFrame(FrameType.Settings, FrameFlag.Ack, 0);
      const id = await client.begin(GET);
      await client.ping();
      const stopping = server.server.stop(15_000);
      const drain = await client.frame(
        ({ type, flags }) => type === FrameType.Ping && flags === 0,
        "PING",
      );
      const namedLast = () =>
        client.frames.filter(({ type }) => type === FrameType.GoAway)
          .map(({ payload }) => readUint31(payload, 0));
      assertEquals(namedLast(), [INT31_MAX]);
      if (isAnswered) {
        await client.sendFrame(FrameType.Ping, FrameFlag.Ack, 0, drain.payload);
        // What answers this comes behind what the first answer has caused.
        await client.ping();
      } else await until(() => namedLast().length > 1, "the second GOAWAY");
      assertEquals(namedLast(), [INT31_MAX, id]);
      resolve();
      assertEquals((await client.response(id)).status, 204);
      assertEquals(await client.goAway(), ErrorCode.NoError);
      await stopping;
    },
  );
}

testWith(
  HAS_NETWORK,
  "HTTP/2 answers 503 to the requests of a connection too many, and ends it",
  async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = new Http2Server({
      connectionsMax: 1,
      // The connection ends with its answers, not when it has waited long enough for a request.
      deadlines: { ...DEADLINES, linger: 60_000 },
      respond: async () => {
        await promise;
        return NO_CONTENT;
      },
    });
    await using busy = await Http2Client.connect(server.port);
    const id = await busy.begin(GET);
    await until(() => server.metrics.snapshot.http2.streams === 1, "a stream");
    await using late = await Http2Client.connect(server.port);
    const lines = linesOf("POST", "/a.txt", {});
    const ids = [await late.begin(lines, false), await late.begin(GET)];
    for (const each of ids) {
      const { status, fields } = await late.response(each);
      assertEquals([status, fields.get("retry-after")], [503, "1"]);
    }
    assertEquals(await late.goAway(), ErrorCode.NoError);
    assertEquals(refusalsIn(server.metrics.snapshot), {
      too_many_connections: 1,
    });
    resolve();
    assertEquals((await busy.response(id)).status, 204);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 does not wait long for a request on a connection too many",
  async () => {
    await using server = new Http2Server({
      connectionsMax: 1,
      deadlines: { ...DEADLINES, linger: 300 },
      respond: () => new Promise(() => {}),
    });
    await using busy = await Http2Client.connect(server.port);
    await busy.begin(GET);
    await until(() => server.metrics.snapshot.http2.streams === 1, "a stream");
    await using late = await Http2Client.connect(server.port);
    assertEquals(await late.goAway(), ErrorCode.NoError);
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 gives the share of a client back with the end of its connection",
  async () => {
    const { leave } = StreamQuota.prototype;
    let left = 0;
    StreamQuota.prototype.leave = function (share) {
      left++;
      leave.call(this, share);
    };
    try {
      await using server = new Http2Server({
        respond: () => NO_CONTENT,
      });
      for (let count = 1; count <= 2; count++) {
        await using client = await Http2Client.connect(server.port);
        assertEquals((await client.request("GET", "/a.txt")).status, 204);
      }
      await until(() => server.server.connections === 0, "their ends");
    } finally {
      StreamQuota.prototype.leave = leave;
    }
    assertEquals(left, 2);
  },
);
