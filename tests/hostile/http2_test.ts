/**
 * Many clients of HTTP/2, of which some read nothing, reset what they asked
 * for, or hold what others need.
 *
 * @module
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import {
  FrameFlag,
  FrameType,
  INT31_MAX,
} from "../../lib/http/http2/frames.ts";
import { ALL_STREAMS_MAX, STREAMS_MAX } from "../../lib/server/stream_quota.ts";
import { Http2Setting } from "../../lib/http/http2/control_frames.ts";
import {
  bytesOf,
  descriptors,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
  writeAll,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Http2Client } from "../http2_client.ts";
import { linesOf, StreamEnded } from "../http2_messages.ts";
import { DEADLINES } from "../../lib/server/context.ts";
import { Probe } from "./crowd.ts";
import { descriptorsMax, Program, testLinux } from "./program.ts";

const IDLE = 1_000;
const HAS_DESCRIPTORS = descriptorsMax() >= IDLE + 500;

/** Most memory that an idle connection may take. */
const CONNECTION_BYTES_MAX = 48 * 1024;

const GET = linesOf("GET", "/a.txt", {});

/** Connections, some at a time; they are closed when the stack is. */
async function gather(
  stack: AsyncDisposableStack,
  port: number,
  count: number,
): Promise<Http2Client[]> {
  const clients: Http2Client[] = [];
  while (clients.length < count) {
    const length = Math.min(100, count - clients.length);
    const some = await Promise.all(
      Array.from({ length }, () => Http2Client.connect(port)),
    );
    for (const client of some) clients.push(stack.use(client));
  }
  return clients;
}

testLinux(
  "1,000 idle connections of HTTP/2 take little memory, and are all served again (needs 1,500 descriptors)",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await using program = new Program([
      directory.path,
      "--port=0",
      "--h2c",
      "--log=off",
    ]);
    const port = await program.listening();
    await using stack = new AsyncDisposableStack();
    const ask = async (client: Http2Client) => {
      assertEquals((await client.request("GET", "/a.txt")).status, 200);
    };
    // What is made once, for any number.
    const first = await gather(stack, port, 50);
    await Promise.all(first.map(ask));
    const before = program.residentBytes;
    const clients = await gather(stack, port, IDLE);
    await Promise.all(clients.map(ask));
    const taken = (program.residentBytes - before) / IDLE;
    assertLess(taken, CONNECTION_BYTES_MAX);
    await Promise.all(clients.map(ask));
    assertEquals(program.stderr.includes("skiff:"), false, program.stderr);
  },
  HAS_DESCRIPTORS,
);

/** Connections of one client, which want more streams than it may have. */
const GREEDY = 150;

testLinux(
  "a client whose 15,000 streams are not read has 10,000 of them in little memory, and others are served meanwhile",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    Deno.createSync(directory.join("large.bin")).close();
    Deno.truncateSync(directory.join("large.bin"), LARGE_BYTES);
    await using program = new Program([
      directory.path,
      "--port=0",
      "--h2c",
      "--log=off",
      "--proxy-protocol",
      "--trusted-proxy=127.0.0.1",
    ]);
    const port = await program.listening();
    await using stack = new AsyncDisposableStack();
    const connect = async (address: string, windowBytes: number) => {
      const socket = await Deno.connect({ hostname: "127.0.0.1", port });
      const header = `PROXY TCP4 ${address} 192.0.2.9 1024 80\r\n`;
      await writeAll(socket, bytesOf(header));
      const settings = [[Http2Setting.InitialWindowSize, windowBytes]] as const;
      return stack.use(await Http2Client.over(socket, { settings }));
    };
    const honest = await connect("192.0.2.1", INT31_MAX);
    assertEquals((await honest.request("GET", "/a.txt")).status, 200);
    const before = program.residentBytes;
    let refused = 0;
    for (let count = 0; count < GREEDY; count++) {
      const client = await connect("192.0.2.2", 0);
      const lines = linesOf("GET", "/large.bin", {});
      for (let at = 0; at < STREAMS_MAX; at++) await client.begin(lines);
      await client.ping();
      refused += client.frames
        .filter(({ type }) => type === FrameType.ResetStream).length;
      client.frames.length = 0;
    }
    assertEquals(GREEDY * STREAMS_MAX - refused, ALL_STREAMS_MAX / 2);
    assertLess(program.residentBytes - before, GREEDY_BYTES_MAX);
    const ids = await Promise.all(
      Array.from({ length: STREAMS_MAX }, () => honest.begin(GET)),
    );
    for (const id of ids) {
      assertEquals((await honest.response(id)).status, 200);
    }
    assertEquals(program.stderr.includes("skiff:"), false, program.stderr);
  },
);

/** Most memory that those take, beyond what the program has anyway. */
const GREEDY_BYTES_MAX = 160 * 1024 * 1024;

const LARGE_BYTES = 100 * 1024 * 1024;
/** How much each stream is to bring, of one connection and of all. */
const PART_BYTES = 8 * 1024 * 1024;
/** Most memory that a hundred large downloads may take, beyond what the program has anyway. */
const DOWNLOADS_BYTES_MAX = 128 * 1024 * 1024;

testLinux(
  "100 streams of 100 MiB take little memory; one that is not read holds up no other, and resets in the middle leave nothing",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    for (let file = 0; file < STREAMS_MAX; file++) {
      const path = directory.join(`large-${file}.bin`);
      Deno.createSync(path).close();
      Deno.truncateSync(path, LARGE_BYTES);
    }
    await using program = new Program([
      directory.path,
      "--port=0",
      "--h2c",
      "--log=off",
    ]);
    const port = await program.listening();
    await using client = await Http2Client.connect(port, {
      settings: [[4, 0]],
    });
    assertEquals((await client.request("HEAD", "/a.txt")).status, 200);
    const [before, descriptorsBefore] = [
      program.residentBytes,
      program.descriptors,
    ];
    const ids: number[] = [];
    for (let file = 0; file < STREAMS_MAX; file++) {
      ids.push(
        await client.begin(linesOf("GET", `/large-${file}.bin`, {})),
      );
    }
    // The first stream gets no window, and is never read.
    for (const id of ids.slice(1)) await client.openWindow(id, PART_BYTES);
    const taken = new Map<number, number>();
    let most = 0;
    const total = (STREAMS_MAX - 1) * PART_BYTES;
    for (let all = 0; all < total;) {
      await client.frame(() => true, "content");
      // Frames that were seen are not kept: this is much.
      for (const { type, streamId, payload } of client.frames.splice(0)) {
        if (type !== FrameType.Data) continue;
        taken.set(streamId, (taken.get(streamId) ?? 0) + payload.length);
        all += payload.length;
      }
      most = Math.max(most, program.residentBytes);
    }
    assertEquals(taken.get(ids[0]!), undefined);
    for (const id of ids.slice(1)) assertEquals(taken.get(id), PART_BYTES);
    assertLess(most - before, DOWNLOADS_BYTES_MAX);
    for (const id of ids) {
      await client.reset(id);
    }
    await until(
      () => program.descriptors <= descriptorsBefore + 64 + 8,
      "files that are closed",
    );
    assertEquals(program.stderr.includes("skiff:"), false, program.stderr);
  },
);

testWith(
  HAS_NETWORK,
  "readers that stand still on streams or on all of a connection are dropped, and others are served meanwhile",
  async () => {
    using directory = new TemporaryDirectory({
      "a.txt": "a",
      "large.bin": new Uint8Array(4 * 1024 * 1024),
    });
    const reply = 1_000;
    await using server = new TestServer(directory.path, {
      acceptsH2c: true,
      deadlines: { ...DEADLINES, reply },
    });
    const before = descriptors();
    {
      await using stack = new AsyncDisposableStack();
      const LARGE = linesOf("GET", "/large.bin", {});
      // Windows for nothing, for a byte on each stream, and on the connection for as much as there is at first.
      const settings: readonly (readonly [number, number])[][] = [
        [[4, 0]],
        [[4, 1]],
        [[4, INT31_MAX]],
      ];
      const clients: Http2Client[] = [];
      for (let count = 0; count < 30; count++) {
        const client = stack.use(
          await Http2Client.connect(server.port, {
            isHonest: false,
            settings: settings[count % 3]!,
          }),
        );
        clients.push(client);
        await client.sendFrame(FrameType.Settings, FrameFlag.Ack, 0);
        for (let stream = 0; stream < 10; stream++) await client.begin(LARGE);
      }
      const probe = new Probe(server.port, "/a.txt");
      await until(
        () =>
          server.metrics.snapshot.timeouts.reduce((a, b) => a + b, 0) >=
            20 * 10 + 10,
        "the end of their patience",
      );
      await probe.end();
      assertLess(probe.worst, 1_000);
      for (const client of clients) {
        await client.sendFrame(FrameType.Ping, 0, 0, new Uint8Array(8))
          .catch(() => {});
      }
    }
    await until(() => server.server.connections === 0, "their end");
    const after = descriptors();
    // The file may be kept open between requests.
    assert(
      before === undefined || after! <= before + 1,
      `${before} → ${after}`,
    );
    assertEquals(server.reports, []);
  },
);

testWith(
  HAS_NETWORK,
  "an attack of resets ends its own connection, and others are served meanwhile",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await using server = new TestServer(directory.path, { acceptsH2c: true });
    await using honest = await Http2Client.connect(server.port);
    const attack = async () => {
      await using client = await Http2Client.connect(server.port);
      try {
        while (!client.isEnded) {
          const id = await client.begin(GET);
          await client.reset(id);
        }
      } catch {
        // The server has closed.
      }
      assertEquals(await client.goAway().catch(() => 11) ?? 11, 11);
    };
    const attacks = Promise.all(Array.from({ length: 20 }, attack));
    for (let count = 0; count < 50; count++) {
      assertEquals((await honest.request("GET", "/a.txt")).status, 200);
    }
    await attacks;
    const id = await honest.begin(GET);
    const error = await honest.response(id).catch((error) => error);
    assert(!(error instanceof StreamEnded), String(error));
    assertEquals(server.reports, []);
  },
);
