import { assert, assertEquals } from "@std/assert";
import {
  ErrorCode,
  FrameFlag,
  FrameType,
  INT31_MAX,
  PREFACE,
  readUint32,
} from "../../../lib/http/http2/frames.ts";
import { reply } from "../../../lib/http/reply.ts";
import {
  bytesOf,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
} from "../../helpers.ts";
import { TestServer } from "../../test_server.ts";
import { type Frame, Http2Client } from "../../http2_client.ts";
import { linesOf, StreamEnded } from "../../http2_messages.ts";
import { Http2Server } from "./http2_server.ts";

const POST = (fields: Record<string, string> = {}) =>
  linesOf("POST", "/a.txt", fields);

/** Sends a request, of which the stream is returned. */
type Send = (client: Http2Client) => Promise<number>;

/** Requests with a body, and what comes of them: a status, or the code with which the stream is reset. */
const BODIES: readonly (readonly [
  name: string,
  send: Send,
  want: number | { readonly code: number },
])[] = [
  ["as long as it says", async (client) => {
    const id = await client.begin(POST({ "Content-Length": "3" }), false);
    await client.sendFrame(FrameType.Data, 0, id, [1]);
    await client.sendFrame(FrameType.Data, FrameFlag.EndStream, id, [2, 3]);
    return id;
  }, 405],
  ["shorter than it says", async (client) => {
    const id = await client.begin(POST({ "Content-Length": "3" }), false);
    await client.sendFrame(FrameType.Data, FrameFlag.EndStream, id, [1, 2]);
    return id;
  }, { code: ErrorCode.ProtocolError }],
  ["longer than it says, before its end", async (client) => {
    const id = await client.begin(POST({ "Content-Length": "3" }), false);
    await client.sendFrame(FrameType.Data, 0, id, [1, 2, 3, 4]);
    return id;
  }, { code: ErrorCode.ProtocolError }],
  [
    "that is missing",
    (client) => client.begin(POST({ "Content-Length": "3" })),
    { code: ErrorCode.ProtocolError },
  ],
  ["shorter than it says, ended by trailers", async (client) => {
    const id = await client.begin(POST({ "Content-Length": "3" }), false);
    await client.sendBlock(id, client.encode([["x", "y"]]), true);
    return id;
  }, { code: ErrorCode.ProtocolError }],
  ["of two lengths", (client) => {
    const lines = [
      ...POST(),
      ...["3", "4"].map((value) => ["content-length", value] as const),
    ];
    return client.begin(lines, false);
  }, 400],
  ["with trailers", async (client) => {
    const id = await client.begin(POST(), false);
    await client.sendFrame(FrameType.Data, 0, id, [1]);
    await client.sendBlock(id, client.encode([["x", "y"]]), true);
    return id;
  }, 405],
  ["with trailers that do not end it", async (client) => {
    const id = await client.begin(POST(), false);
    await client.sendBlock(id, client.encode([["x", "y"]]), false);
    return id;
  }, { code: ErrorCode.ProtocolError }],
  ["with a pseudo-header field in its trailers", async (client) => {
    const id = await client.begin(POST(), false);
    await client.sendBlock(id, client.encode([[":path", "/"]]), true);
    return id;
  }, { code: ErrorCode.ProtocolError }],
  ["in padded frames", async (client) => {
    const id = await client.begin(POST({ "Content-Length": "2" }), false);
    const flags = FrameFlag.Padded | FrameFlag.EndStream;
    await client.sendFrame(FrameType.Data, FrameFlag.Padded, id, [1, 7, 0]);
    await client.sendFrame(FrameType.Data, flags, id, [3, 7, 0, 0, 0]);
    return id;
  }, 405],
];

for (const [name, send, want] of BODIES) {
  testWith(
    HAS_NETWORK,
    `HTTP/2 takes a body ${name} as RFC 9113 says`,
    async () => {
      await using server = new Http2Server({ files: { "a.txt": "a" } });
      await using client = await Http2Client.connect(server.port);
      const got = await client.response(await send(client)).then(
        ({ status }) => status,
        (error: StreamEnded) => ({ code: error.code }),
      );
      assertEquals(got, want);
      assertEquals((await client.request("GET", "/a.txt")).status, 200);
    },
  );
}

/** The bytes by which the server has made a window larger. */
function roomOf({ frames }: Http2Client, stream: number): number {
  return frames.filter(({ type, streamId }) =>
    type === FrameType.WindowUpdate && streamId === stream
  ).reduce((sum, { payload }) => sum + readUint32(payload, 0), 0);
}

/** Waits until the server has handled all that was sent. */
async function handled(client: Http2Client, mark: number): Promise<void> {
  const data = new Uint8Array(8).fill(mark);
  await client.sendFrame(FrameType.Ping, 0, 0, data);
  await client.frame(
    ({ type, flags, payload }) =>
      type === FrameType.Ping && flags === FrameFlag.Ack && payload[0] === mark,
    "PING",
  );
}

testWith(
  HAS_NETWORK,
  "HTTP/2 gives windows back for bodies, their padding too",
  async () => {
    await using server = new Http2Server();
    await using client = await Http2Client.connect(server.port);
    const id = await client.begin(POST(), false);
    const padded = new Uint8Array(256);
    padded[0] = 254;
    for (let count = 0; count < 200; count++) {
      await client.sendFrame(FrameType.Data, FrameFlag.Padded, id, padded);
    }
    await handled(client, 1);
    for (const stream of [0, id]) {
      const room = roomOf(client, stream);
      assert(room > 200 * 256 / 2 && room <= 200 * 256, `${room} bytes`);
    }
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 answers 413 to a body that is too long, and wants no more of it",
  async () => {
    await using server = new Http2Server({ files: { "a.txt": "a" } });
    await using client = await Http2Client.connect(server.port);
    const id = await client.begin(POST(), false);
    const piece = new Uint8Array(16_384);
    for (let count = 0; count < 64; count++) {
      await client.sendFrame(FrameType.Data, 0, id, piece);
    }
    await handled(client, 1);
    assert(!client.frames.some(({ type }) => type === FrameType.Headers));
    await client.sendFrame(FrameType.Data, 0, id, [1]);
    assertEquals((await client.response(id)).status, 413);
    assertEquals(await client.resetCode(id), ErrorCode.NoError);
    // Of the stream that has ended, the connection's window is given back as well.
    await client.sendFrame(FrameType.Data, 0, id, piece);
    await client.sendFrame(FrameType.Data, 0, id, piece);
    await client.sendFrame(FrameType.Data, 0, id, piece);
    await handled(client, 2);
    assert(roomOf(client, 0) > 66 * 16_384 - 32_768);
    assertEquals((await client.request("GET", "/a.txt")).status, 200);
  },
);

/** Requests that come to nothing, whose header lines the decoder must remember all the same. */
const IN_VAIN: readonly (readonly [name: string, send: Send])[] = [
  ["refused, as they are too many", async (client) => {
    for (let count = 0; count < 100; count++) {
      await client.begin(linesOf("GET", "/late", {}));
    }
    return await client.begin(linesOf("GET", "/a.txt", { "X-A": "b" }));
  }],
  ["malformed", (client) => {
    const lines = linesOf("GET", "/a.txt", { "X-A": "b" });
    return client.begin([...lines, ["upgrade", "x"]]);
  }],
  ["trailers of a stream that has ended", async (client) => {
    const id = await client.begin([...POST(), ["upgrade", "x"]], false);
    await client.response(id).catch(() => {});
    await client.sendBlock(id, client.encode([["x-a", "b"]]), true);
    return id;
  }],
];

for (const [name, send] of IN_VAIN) {
  testWith(
    HAS_NETWORK,
    `HTTP/2 decodes the header lines of requests that are ${name}`,
    async () => {
      const seen: (string | undefined)[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      await using server = new Http2Server({
        respond: async (head) => {
          if (head.target === "/late") await promise;
          else seen.push(head.target);
          return reply(204, []);
        },
      });
      await using client = await Http2Client.connect(server.port);
      const id = await send(client);
      await client.response(id).catch(() => {});
      resolve();
      await client.response(1).catch(() => {});
      // These lines refer to those in the table.
      const next = await client.begin(
        linesOf("GET", "/b.txt", { "X-A": "b" }),
      );
      assertEquals((await client.response(next)).status, 204);
      assertEquals(seen, ["/b.txt"]);
    },
  );
}

testWith(
  HAS_NETWORK,
  "HTTP/2 says what it allows, before all else",
  async () => {
    await using server = new Http2Server();
    await using client = await Http2Client.connect(server.port);
    const [first] = [await client.frame(() => true, "SETTINGS")];
    assertEquals([first.type, first.flags], [FrameType.Settings, 0]);
    const pairs = Array.from({ length: first.payload.length / 6 }, (_, at) => [
      first.payload[6 * at + 1],
      readUint32(first.payload, 6 * at + 2),
    ]);
    // MAX_CONCURRENT_STREAMS, MAX_HEADER_LIST_SIZE, NO_RFC7540_PRIORITIES; never ENABLE_CONNECT_PROTOCOL (8).
    assertEquals(pairs, [[3, 100], [6, 16_384], [9, 1]]);
  },
);

/** Frames that come before the SETTINGS of the client: type, flags, payload. */
const EARLY: readonly (readonly [string, number, number, Uint8Array])[] = [
  ["any other frame", FrameType.Ping, 0, new Uint8Array(8)],
  [
    "it acknowledges others",
    FrameType.Settings,
    FrameFlag.Ack,
    new Uint8Array(),
  ],
];

for (const [name, type, flags, payload] of EARLY) {
  testWith(
    HAS_NETWORK,
    `HTTP/2 expects SETTINGS before ${name}`,
    async () => {
      await using server = new Http2Server();
      const { port } = server;
      const socket = await Deno.connect({ hostname: "127.0.0.1", port });
      await using client = Http2Client.listen(socket, { isHonest: false });
      await client.send(bytesOf(PREFACE));
      await client.sendFrame(type, flags, 0, payload);
      assertEquals(await client.goAway(), ErrorCode.ProtocolError);
    },
  );
}

testWith(
  HAS_NETWORK,
  "HTTP/2 answers on the last stream that there can be, and takes padding and a priority before header lines",
  async () => {
    await using server = new Http2Server({ files: { "a.txt": "a" } });
    await using client = await Http2Client.connect(server.port);
    const block = client.encode(linesOf("GET", "/a.txt", {}));
    await client.sendFrame(
      FrameType.Headers,
      FrameFlag.EndHeaders | FrameFlag.EndStream | FrameFlag.Padded |
        FrameFlag.Priority,
      INT31_MAX,
      [2, 0, 0, 0, 1, 5, ...block, 0, 0],
    );
    const { payload } = await client.frame(
      ({ type, streamId }) => type === FrameType.Data && streamId === INT31_MAX,
      "the content",
    );
    assertEquals(payload, bytesOf("a"));
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 sends nothing while a setting has made a window negative",
  async () => {
    await using server = new Http2Server({
      files: { "a.txt": "a".repeat(100) },
    });
    await using client = await Http2Client.connect(server.port, {
      settings: [[4, 50]],
    });
    // Empty frames would show too.
    const content = () =>
      client.frames.filter(({ type }) => type === FrameType.Data)
        .map(({ payload }) => payload.length);
    const id = await client.begin(linesOf("GET", "/a.txt", {}));
    await until(() => content().length > 0, "50 bytes");
    await client.sendFrame(FrameType.Settings, 0, 0, [0, 4, 0, 0, 0, 20]);
    await handled(client, 1);
    await client.openWindow(id, 30);
    await handled(client, 2);
    assertEquals(content(), [50]);
    await client.openWindow(id, 1);
    await until(() => content().length > 1, "another byte");
    assertEquals(content(), [50, 1]);
    await client.openWindow(id, 49);
    assertEquals((await client.response(id)).body, "a".repeat(100));
  },
);

testWith(
  HAS_NETWORK,
  "HTTP/2 sends what PRIORITY_UPDATE calls urgent first, and knows of no stream that has not begun",
  async () => {
    await using server = new Http2Server({
      respond: () => reply(200, [], [new Uint8Array(100_000)]),
    });
    await using client = await Http2Client.connect(server.port, {
      settings: [[4, 0]],
    });
    const lines = linesOf("GET", "/a.bin", {});
    const ids = [await client.begin(lines), await client.begin(lines)];
    const update = (id: number, value: string) =>
      client.sendFrame(FrameType.PriorityUpdate, 0, 0, [
        ...[0, 0, 0, id],
        ...bytesOf(value),
      ]);
    await update(ids[1]!, "u=0");
    await update(99, "u=0");
    await client.sendFrame(FrameType.Settings, 0, 0, [0, 4, 0, 2, 0, 0]);
    for (const id of ids) await client.response(id);
    const order = client.frames.filter(({ type }) => type === FrameType.Data)
      .map(({ streamId }: Frame) => streamId);
    assertEquals(order, order.toSorted((a, b) => b - a));
  },
);

testWith(
  HAS_NETWORK,
  "a file that changes while HTTP/2 sends it resets its stream, and no other",
  async () => {
    using directory = new TemporaryDirectory({
      "a.bin": new Uint8Array(2_000_000),
      "b.bin": new Uint8Array(2_000_000),
    });
    await using server = new TestServer(directory.path, { acceptsH2c: true });
    await using client = await Http2Client.connect(server.port, {
      settings: [[4, 100_000]],
    });
    const ids: number[] = [];
    for (const target of ["/a.bin", "/b.bin"]) {
      ids.push(await client.begin(linesOf("GET", target, {})));
    }
    for (const id of ids) {
      const isContent = ({ type, streamId }: Frame) =>
        type === FrameType.Data && streamId === id;
      await client.frame(isContent, "content");
    }
    directory.write("a.bin", new Uint8Array(2_000_000).fill(1));
    for (const id of ids) await client.openWindow(id, 2_000_000);
    const reset = await client.response(ids[0]!).catch((error) => error);
    assert(reset instanceof StreamEnded);
    assertEquals([reset.by, reset.code], [
      "RST_STREAM",
      ErrorCode.InternalError,
    ]);
    assertEquals((await client.response(ids[1]!)).body.length, 2_000_000);
  },
);
