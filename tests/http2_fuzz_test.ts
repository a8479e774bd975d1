/**
 * Connections of HTTP/2 with random damage: whatever comes, the server answers
 * by the rules or ends the connection, and serves all others on.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  FRAME_HEAD_BYTES,
  FrameFlag,
  FrameType,
  PREFACE,
  writeFrameHead,
} from "../lib/http/http2/frames.ts";
import {
  bytesOf,
  HAS_NETWORK,
  numberFrom,
  Random,
  TemporaryDirectory,
  testWith,
  textOf,
} from "./helpers.ts";
import { TestServer } from "./test_server.ts";
import { HpackEncoder } from "./hpack_encoder.ts";
import { Http2Client } from "./http2_client.ts";
import { linesOf } from "./http2_messages.ts";

const ROUNDS = numberFrom("FUZZ_ROUNDS", 300);
const SEED = numberFrom(
  "FUZZ_SEED",
  Number(new Date().toISOString().slice(0, 10).replaceAll("-", "")),
);

/** Connections that are open at once. */
const CONNECTIONS = 8;

const SECRET = "TOP SECRET";
const FILES = {
  "site/a.txt": "a".repeat(1000),
  "site/large.bin": new Uint8Array(200_000),
  "site/.env": SECRET,
  "outside.txt": SECRET,
};

const TARGETS = ["/a.txt", "/large.bin", "/", "/.env", "/%2e%2e/outside.txt"];

function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
  writeFrameHead(bytes, 0, payload.length, type, flags, streamId);
  bytes.set(payload, FRAME_HEAD_BYTES);
  return bytes;
}

/** Frames of a connection: requests, and between them frames of any type, most of which are sound. */
function randomFrames(random: Random): Uint8Array[] {
  const encoder = new HpackEncoder();
  const frames = [frame(FrameType.Settings, 0, 0, new Uint8Array())];
  let lastId = -1;
  for (let count = 1 + random.below(8); count > 0; count--) {
    const kind = random.below(4);
    if (kind < 2) {
      const target = TARGETS[random.below(TARGETS.length)]!;
      const method = ["GET", "HEAD", "POST"][random.below(3)]!;
      const isLast = random.below(3) > 0;
      const flags = FrameFlag.EndHeaders | (isLast ? FrameFlag.EndStream : 0);
      const block = encoder.encode(linesOf(method, target, { Host: "a" }));
      frames.push(frame(FrameType.Headers, flags, lastId += 2, block));
      if (isLast) continue;
      const body = random.bytes(random.below(100));
      frames.push(frame(FrameType.Data, random.below(2), lastId, body));
    } else {
      const type = random.below(18);
      const length = [0, 4, 5, 6, 8, random.below(40)][random.below(6)]!;
      const streamId = [0, 1, 3, 2, lastId + 2][random.below(5)]!;
      const flags = random.below(4) === 0 ? random.below(256) : 0;
      frames.push(frame(type, flags, streamId, random.bytes(length)));
    }
  }
  return frames;
}

/** The bytes of a connection, some of them changed, missing or twice. */
function damaged(random: Random): Uint8Array {
  const frames = [bytesOf(PREFACE), ...randomFrames(random)];
  const bytes = frames.flatMap((each) => [...each]);
  for (let count = random.below(3); count > 0; count--) {
    const at = PREFACE.length + random.below(bytes.length - PREFACE.length);
    const piece = bytes.slice(at, at + random.below(12));
    if (random.below(3) === 0) bytes.splice(at, piece.length);
    else if (random.below(2) === 0) bytes.splice(at, 0, ...piece);
    else bytes[at] = random.below(256);
  }
  return new Uint8Array(bytes);
}

/** Sends bytes, and takes what comes until the server has nothing more to say: what is wrong with it. */
async function tryOut(
  port: number,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await using client = Http2Client.listen(socket);
  try {
    await client.send(bytes);
    await socket.closeWrite();
  } catch {
    // The server may have ended the connection already.
  }
  await client.goAway();
  const data = client.frames.filter(({ type }) => type === FrameType.Data);
  const text = data.map(({ payload }) => textOf(payload)).join("");
  return text.includes(SECRET) ? "A secret was given away" : undefined;
}

testWith(
  HAS_NETWORK,
  `whatever comes over HTTP/2, the server serves on (seed ${SEED}, ${ROUNDS} rounds)`,
  async () => {
    using directory = new TemporaryDirectory(FILES);
    await using server = new TestServer(directory.join("site"), {
      acceptsH2c: true,
    });
    const random = new Random(SEED);
    let left = ROUNDS;
    const worker = async () => {
      while (left-- > 0) {
        const bytes = damaged(random);
        const fault = await tryOut(server.port, bytes).catch(String);
        assertEquals(
          [fault, server.reports],
          [undefined, []],
          bytes.toHex(),
        );
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    await using client = await Http2Client.connect(server.port);
    const { body } = await client.request("GET", "/a.txt");
    assertEquals(body, FILES["site/a.txt"]);
  },
);
