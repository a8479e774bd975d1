import { assertEquals } from "@std/assert";
import { ErrorCode, FrameType } from "../../../lib/http/http2/frames.ts";
import { type Reply, reply, SourceChanged } from "../../../lib/http/reply.ts";
import { HAS_NETWORK, testWith, until } from "../../helpers.ts";
import { Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";
import { Http2Server } from "./http2_server.ts";

/** How many streams there may be on all connections. */
const STREAMS = 10;

/** More than that. */
const TIMES = 2 * STREAMS;

/** A body that changes when a part of it was sent. */
const CHANGING = {
  length: 300_000,
  open: () => {
    let reads = 0;
    return {
      read: (into: Uint8Array) => {
        if (++reads > 1) throw new SourceChanged("changed");
        return Math.min(into.length, 10_000);
      },
      close: () => {},
    };
  },
};

const LONG = new Uint8Array(300_000);

/** What is answered at once. */
const REPLIES: Readonly<Record<string, () => Reply | Promise<Reply>>> = {
  "/": () => reply(200, [], [new Uint8Array(10)]),
  "/304": () => reply(304, []),
  "/changes": () => reply(200, [], [CHANGING]),
  "/long": () => reply(200, [], [LONG]),
  "/rejects": () => Promise.reject(new Error("rejected")),
  "/throws": () => {
    throw new Error("thrown");
  },
};

type Cause = (client: Http2Client) => Promise<unknown>;

function asks(method: string, target: string): Cause {
  return async (client) => {
    const id = await client.begin(linesOf(method, target, {}));
    await client.response(id).catch(() => {});
  };
}

/** Has a client that takes little begin an answer. */
async function beginLong(client: Http2Client): Promise<number> {
  const id = await client.begin(linesOf("GET", "/long", {}));
  await client.frame(
    ({ type, streamId }) => type === FrameType.Data && streamId === id,
    "DATA",
  );
  return id;
}

/** How streams end, each on a connection of its own. */
const ENDS: Readonly<Record<string, Cause>> = {
  "with an answer": asks("GET", "/"),
  "with HEAD": asks("HEAD", "/"),
  "with 304": asks("GET", "/304"),
  "with a handler that throws": asks("GET", "/throws"),
  "with a handler that rejects": asks("GET", "/rejects"),
  "with a file that changes": asks("GET", "/changes"),
  "with a malformed request": async (client) => {
    const lines = [...linesOf("GET", "/", {}), ["connection", "x"] as const];
    await client.resetCode(await client.begin(lines));
  },
  "with a reset in the middle of an answer": async (client) => {
    await client.reset(await beginLong(client));
  },
  "with a reset in the middle of a request": async (client) => {
    await client.reset(await client.begin(linesOf("GET", "/", {}), false));
  },
  "with the connection in the middle of an answer": beginLong,
  "with the connection in the middle of a request": async (client) => {
    await client.begin(linesOf("GET", "/", {}), false);
    await client.ping();
  },
  "with GOAWAY in the middle of an answer": async (client) => {
    await beginLong(client);
    await client.sendFrame(FrameType.GoAway, 0, 0, new Uint8Array(8));
  },
  "with a fault of the client": async (client) => {
    await beginLong(client);
    await client.sendFrame(FrameType.Ping, 0, 1, new Uint8Array(8));
    await client.goAway();
  },
};

for (const [name, end] of Object.entries(ENDS)) {
  testWith(
    HAS_NETWORK,
    `HTTP/2 gives the place of a stream back that ends ${name}`,
    async () => {
      await using server = new Http2Server({
        streamsMax: STREAMS,
        respond: ({ target }) =>
          REPLIES[target]?.() ?? new Promise<Reply>(() => {}),
      });
      const settings = [[4, 20_000]] as const;
      for (let count = 0; count < TIMES; count++) {
        await using client = await Http2Client.connect(server.port, {
          settings,
        });
        await end(client);
      }
      await until(() => server.server.connections === 0, "their ends");
      await using client = await Http2Client.connect(server.port);
      const ids = [];
      for (let count = 0; count < STREAMS + 1; count++) {
        ids.push(await client.begin(linesOf("GET", "/waits", {})));
      }
      await client.ping();
      const resets = client.frames.filter(({ type }) =>
        type === FrameType.ResetStream
      );
      assertEquals(resets.map(({ streamId }) => streamId), ids.slice(STREAMS));
      assertEquals(
        await client.resetCode(ids[STREAMS]!),
        ErrorCode.RefusedStream,
      );
    },
  );
}
