import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import {
  HAS_NETWORK,
  request,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { zipNames } from "../bodies.ts";
import { Http2Client } from "../http2_client.ts";
import { StreamEnded } from "../http2_messages.ts";
import { Client } from "../raw_client.ts";
import { PAST, testStage, textOfLength } from "./stage.ts";

const FILES = {
  "d/a.txt": textOfLength(300_000),
  "d/b.txt": "b",
  "d/sub/ü.txt": textOfLength(2_000_000),
  "d/.hidden": "secret",
};

const TARGET = "/d/?download=zip";

/** Archives read files at the time of the system: no test can put that forward, as those that watch must. */
const REAL_TIME = { watch: "off" } as const;

testStage(
  "a folder is an archive of known length, with a tag",
  FILES,
  async (stage) => {
    const { status, fields, body } = await stage.get(TARGET);
    assertEquals(status, 200);
    assertEquals(fields.get("content-type"), "application/zip");
    assertEquals(fields.get("content-length"), String(body.length));
    assertEquals(
      fields.get("content-disposition"),
      'attachment; filename="d.zip"',
    );
    assertEquals(fields.get("cache-control"), "no-cache");
    assertEquals(zipNames(body), ["a.txt", "b.txt", "sub/\xc3\xbc.txt"]);
    const etag = fields.get("etag")!;
    const known = await stage.get(TARGET, { "If-None-Match": etag });
    assertEquals(known.status, 304);
    const failed = await stage.get(TARGET, { "If-Match": '"other"' });
    assertEquals(failed.status, 412);
  },
);

testStage(
  "a download of a folder is resumed by its tag",
  FILES,
  async (stage) => {
    const whole = await stage.get(TARGET);
    const etag = whole.fields.get("etag")!;
    const length = whole.body.length;
    for (
      const start of [1, 299_000, 300_100, 1_000_000, length - 400, length - 1]
    ) {
      const range = { Range: `bytes=${start}-`, "If-Range": etag };
      const rest = await stage.ask("GET", TARGET, range);
      assertEquals(rest.status, 206);
      assertEquals(
        rest.fields.get("content-range"),
        `bytes ${start}-${length - 1}/${length}`,
      );
      assertEquals(
        rest.body === whole.body.slice(start),
        true,
        `from ${start}`,
      );
    }
    const parts = await stage.ask("GET", TARGET, { Range: "bytes=0-3,-22" });
    assertEquals(parts.status, 206);
    assertEquals(parts.body.includes("PK\x03\x04"), true);
    assertEquals(parts.body.includes("PK\x05\x06"), true);
    const beyond = await stage.ask("GET", TARGET, {
      Range: `bytes=${length}-`,
    });
    assertEquals(beyond.status, 416);
  },
);

testStage(
  "a download is resumed of which the server knows nothing",
  FILES,
  async (stage) => {
    const range = { Range: "bytes=1000000-" };
    const rest = await stage.ask("GET", TARGET, range);
    const whole = await stage.get(TARGET);
    assertEquals(rest.body === whole.body.slice(1_000_000), true);
  },
);

testStage(
  "a folder that has changed is another archive",
  FILES,
  async (stage) => {
    const before = await stage.get(TARGET);
    stage.write("d/b.txt", "c", new Date(PAST.getTime() + 1000));
    stage.advance(3_600_000);
    const etag = before.fields.get("etag")!;
    const range = { Range: "bytes=9-", "If-Range": etag };
    const after = await stage.ask("GET", TARGET, range);
    assertEquals(after.status, 200);
    assertNotEquals(after.fields.get("etag"), etag);
  },
  REAL_TIME,
);

testStage(
  "fields of the policy and of rules are those of the folder's archive too",
  FILES,
  async (stage) => {
    const { fields } = await stage.get(TARGET);
    assertEquals(fields.get("access-control-allow-origin"), "*");
    assertEquals(fields.get("x-own"), "yes");
  },
  { policy: { cors: true, fields: [["X-Own", "yes"]] } },
);

testStage("a folder with an index, or without listings, is no archive", {
  "a/index.html": "index",
  "a/b.txt": "b",
}, async (stage) => {
  assertEquals((await stage.get("/a/?download=zip")).body, "index");
  const root = await stage.get("/?download=zip");
  assertEquals(root.status, 404);
}, { policy: { listing: false } });

testStage("names below a folder are found", FILES, async (stage) => {
  const html = await stage.get("/d/?q=U%CC%88.TXT");
  assertEquals(html.status, 200);
  assertEquals(html.body.includes('href="./sub/%C3%BC.txt"'), true);
  const json = await stage.get("/?q=secret", { Accept: "application/json" });
  assertEquals(JSON.parse(json.body).entries, []);
  assertEquals((await stage.get("/?q=hidden")).body.includes(".hidden"), false);
});

/** A server whose archive is known, and then not true any more. */
async function staleServer(directory: TemporaryDirectory): Promise<TestServer> {
  const server = new TestServer(directory.path, {
    acceptsH2c: true,
    ...REAL_TIME,
  });
  const head = await request(server.port, "HEAD", TARGET);
  assertEquals(head.status, 200);
  directory.write("d/sub/ü.txt", "shorter");
  return server;
}

testWith(
  HAS_NETWORK,
  "a file that changes ends the connection, and the log says which",
  async () => {
    using directory = new TemporaryDirectory(FILES);
    await using server = await staleServer(directory);
    using client = await Client.connect(server.port);
    await client.send(`GET ${TARGET} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const answer = await client.rest();
    const length = Number(/content-length: (\d+)/i.exec(answer)![1]);
    const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    assertEquals(body.startsWith("PK"), true);
    assert(body.length < length);
    assertEquals(server.reports.length, 1);
    assert(String(server.reports[0]).includes('"sub/ü.txt" in it changed'));
    const again = await request(server.port, "GET", TARGET);
    assertEquals(again.body.includes("shorter"), true);
  },
);

testWith(
  HAS_NETWORK,
  "a file that changes resets the stream alone",
  async () => {
    using directory = new TemporaryDirectory(FILES);
    await using server = await staleServer(directory);
    await using client = await Http2Client.connect(server.port);
    const error = await assertRejects(
      () => client.request("GET", TARGET),
      StreamEnded,
    );
    assert(error instanceof StreamEnded);
    assertEquals(error.by, "RST_STREAM");
    assertEquals((await client.request("GET", "/d/b.txt")).body, "b");
    const again = await client.request("GET", TARGET);
    assertEquals(again.body.includes("shorter"), true);
  },
);
