import { assertEquals } from "@std/assert";
import { HTTP2_CODES } from "../../../lib/observe/metric_layout.ts";
import {
  ErrorCode,
  FrameFlag,
  FrameType,
} from "../../../lib/http/http2/frames.ts";
import {
  bytesOf,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
} from "../../helpers.ts";
import { TestServer } from "../../test_server.ts";
import { Http2Client } from "../../http2_client.ts";
import { linesOf } from "../../http2_messages.ts";
import { endsIn, refusalsIn } from "../counters.ts";

const GET = linesOf("GET", "/a.txt", {});

/** Sends frames until the server has had enough: `count` of them at most. */
async function flood(
  client: Http2Client,
  count: number,
  send: (at: number) => Promise<void>,
): Promise<void> {
  try {
    for (let at = 0; at < count && !client.isEnded; at++) await send(at);
  } catch {
    // The server has closed.
  }
}

type Misuse = (client: Http2Client) => Promise<unknown>;

/** What no honest client does, and the error code with which the connection ends. */
const MISUSES: readonly (readonly [string, Misuse, number])[] = [
  [
    "rapid reset",
    (client) =>
      flood(client, 300, async () => {
        const id = await client.begin(GET);
        await client.reset(id);
      }),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "resets that the client makes the server send",
    (client) =>
      flood(client, 300, async () => {
        await client.begin([...GET, ["connection", "close"]]);
      }),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a header block of many frames",
    (client) =>
      client.sendBlock(
        1,
        client.encode([...GET, ["x", "y".repeat(400)]]),
        true,
        16,
      ),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a header block that is too long",
    (client) => client.sendBlock(1, new Uint8Array(40_000), true),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a header block that goes on in empty frames",
    async (client) => {
      await client.sendFrame(FrameType.Headers, 0, 1, client.encode(GET));
      await flood(
        client,
        100,
        () => client.sendFrame(FrameType.Continuation, 0, 1),
      );
    },
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a flood of PRIORITY_UPDATE",
    (client) =>
      flood(
        client,
        5000,
        (at) =>
          client.sendFrame(FrameType.PriorityUpdate, 0, 0, [
            ...[0, 0, at >> 8, at & 255 | 1],
            ...bytesOf("u=1"),
          ]),
      ),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a window that grows byte by byte",
    async (client) => {
      await client.sendFrame(FrameType.Settings, 0, 0, [0, 4, 0, 0, 0, 1]);
      const id = await client.begin(linesOf("GET", "/long.txt", {}));
      await flood(client, 5000, () => client.openWindow(id, 1));
    },
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a flood of DATA for a stream that has ended",
    async (client) => {
      const id = await client.begin(GET);
      await client.response(id);
      await flood(
        client,
        5000,
        () => client.sendFrame(FrameType.Data, 0, id, [1]),
      );
    },
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a flood of header blocks for a stream that has ended",
    async (client) => {
      const id = await client.begin(GET);
      await client.response(id);
      await flood(
        client,
        5000,
        () => client.sendBlock(id, client.encode([["x", "y"]]), true),
      );
    },
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a flood of PING",
    (client) =>
      flood(
        client,
        5000,
        () => client.sendFrame(FrameType.Ping, 0, 0, new Uint8Array(8)),
      ),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a flood of SETTINGS",
    (client) =>
      flood(client, 5000, () => client.sendFrame(FrameType.Settings, 0, 0)),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a flood of PRIORITY",
    (client) =>
      flood(
        client,
        5000,
        () => client.sendFrame(FrameType.Priority, 0, 1, new Uint8Array(5)),
      ),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a flood of frames of unknown types",
    (client) => flood(client, 5000, () => client.sendFrame(0x42, 0, 0)),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a flood of empty DATA",
    async (client) => {
      const id = await client.begin(linesOf("POST", "/a.txt", {}), false);
      await flood(client, 5000, () => client.sendFrame(FrameType.Data, 0, id));
    },
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a window that does not grow",
    (client) => client.openWindow(0, 0),
    ErrorCode.ProtocolError,
  ],
  [
    "a window of a stream that has not begun",
    (client) => client.openWindow(7, 1),
    ErrorCode.ProtocolError,
  ],
  [
    "streams beyond the limit, again and again, behind others",
    (client) => flood(client, 300, async () => void await client.begin(GET)),
    ErrorCode.EnhanceYourCalm,
  ],
  [
    "a header block that goes on with that of another stream",
    async (client) => {
      await client.sendFrame(FrameType.Headers, 0, 1, client.encode(GET));
      await client.sendFrame(FrameType.Continuation, FrameFlag.EndHeaders, 3);
    },
    ErrorCode.ProtocolError,
  ],
  [
    "trailers that cannot be decoded",
    async (client) => {
      const id = await client.begin(linesOf("POST", "/a.txt", {}), false);
      await client.sendBlock(id, Uint8Array.of(0xff), true);
    },
    ErrorCode.CompressionError,
  ],
  [
    "a priority of no stream",
    (client) => client.sendFrame(FrameType.PriorityUpdate, 0, 0, [0, 0, 0, 0]),
    ErrorCode.ProtocolError,
  ],
  [
    "a header block that goes on and has not begun",
    (client) =>
      client.sendFrame(
        FrameType.Continuation,
        FrameFlag.EndHeaders,
        1,
        client.encode(GET),
      ),
    ErrorCode.ProtocolError,
  ],
  [
    "a window that is too large",
    (client) => client.openWindow(0, 0x7fff_ffff),
    ErrorCode.FlowControlError,
  ],
  [
    "a stream's window that is too large, behind others",
    async (client) => {
      const id = await client.begin(linesOf("GET", "/never", {}));
      await client.openWindow(id, 0x7fff_ffff);
    },
    ErrorCode.FlowControlError,
  ],
  [
    "windows that a setting makes too large, behind others",
    async (client) => {
      const id = await client.begin(linesOf("GET", "/never", {}));
      await client.sendFrame(FrameType.Settings, 0, 0, [0, 4, 0, 0, 255, 255]);
      await client.openWindow(id, 0x7fff_ffff - 65_535);
      await client.sendFrame(FrameType.Settings, 0, 0, [0, 4, 0, 1, 0, 0]);
    },
    ErrorCode.FlowControlError,
  ],
  [
    "a header block on a stream whose request has ended, behind it",
    async (client) => {
      const id = await client.begin(linesOf("GET", "/never", {}));
      await client.sendBlock(id, client.encode([["x", "y"]]), true);
    },
    ErrorCode.StreamClosed,
  ],
  [
    "a reset of a stream that has not begun",
    (client) => client.reset(7),
    ErrorCode.ProtocolError,
  ],
  [
    "a frame that is too long",
    (client) => client.sendFrame(0x42, 0, 0, new Uint8Array(16_385)),
    ErrorCode.FrameSizeError,
  ],
  [
    "a frame between those of a header block",
    async (client) => {
      await client.sendFrame(FrameType.Headers, 0, 1, client.encode(GET));
      await client.sendFrame(FrameType.Ping, 0, 0, new Uint8Array(8));
    },
    ErrorCode.ProtocolError,
  ],
  [
    "a stream with an even number",
    (client) => client.sendBlock(2, client.encode(GET), true),
    ErrorCode.ProtocolError,
  ],
  [
    "DATA on a stream that has not begun",
    (client) => client.sendFrame(FrameType.Data, 0, 7, [1]),
    ErrorCode.ProtocolError,
  ],
  [
    "DATA behind the end of the request",
    async (client) => {
      const id = await client.begin(linesOf("GET", "/never", {}));
      await client.sendFrame(FrameType.Data, FrameFlag.EndStream, id, [1]);
    },
    ErrorCode.StreamClosed,
  ],
  [
    "padding longer than its frame",
    async (client) => {
      const id = await client.begin(linesOf("POST", "/a.txt", {}), false);
      await client.sendFrame(FrameType.Data, FrameFlag.Padded, id, [9, 1]);
    },
    ErrorCode.ProtocolError,
  ],
  [
    "a header block that cannot be decoded",
    (client) => client.sendBlock(1, Uint8Array.of(0xff), true),
    ErrorCode.CompressionError,
  ],
  [
    "PUSH_PROMISE",
    (client) => client.sendFrame(FrameType.PushPromise, 4, 1, [0, 0, 0, 2]),
    ErrorCode.ProtocolError,
  ],
];

/** What the metrics count these codes as. */
const CAUSES: Readonly<Record<number, string>> = {
  [ErrorCode.FlowControlError]: "http2_flow_control",
  [ErrorCode.CompressionError]: "http2_compression",
  [ErrorCode.EnhanceYourCalm]: "http2_flood",
};

for (const [name, misuse, code] of MISUSES) {
  testWith(HAS_NETWORK, `HTTP/2 ends a connection for ${name}`, async () => {
    using directory = new TemporaryDirectory();
    directory.write("a.txt", "a");
    directory.write("long.txt", "a".repeat(100_000));
    // For files that were just written, the site waits for their writer.
    const past = new Date(Date.UTC(2024, 4, 1));
    for (const name of ["a.txt", "long.txt"]) {
      Deno.utimeSync(directory.join(name), past, past);
    }
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      ...(name.includes("behind") && { respond: () => new Promise(() => {}) }),
    });
    await using client = await Http2Client.connect(server.port);
    await misuse(client).catch(() => {});
    assertEquals(await client.goAway(), code);
    assertEquals(
      refusalsIn(server.metrics.snapshot)[CAUSES[code] ?? "http2_protocol"],
      1,
    );
    const { goAways } = endsIn(server.metrics.snapshot);
    assertEquals(goAways, { [`skiff ${HTTP2_CODES[code]}`]: 1 });
    assertEquals(server.reports, []);
  });
}
