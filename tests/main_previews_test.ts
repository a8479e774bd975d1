/**
 * The program with --preview: other releases under other hosts, and for clients
 * with a cookie.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Http2Client } from "./http2_client.ts";
import { exchange, TemporaryDirectory, until } from "./helpers.ts";
import { runSkiff } from "./run_skiff.ts";
import { Skiff, testProgram, testPrograms } from "./skiff.ts";

function createFolder() {
  return new TemporaryDirectory({
    "r/v9/index.html": "nine",
    "r/v9/_headers": "/*\n  X-Release: nine\n",
    "r/v10/index.html": "ten",
    "skiff.json": "{}",
  });
}

async function ask(port: number, lines: string): Promise<string> {
  return await exchange(
    port,
    `GET / HTTP/1.1\r\n${lines}\r\nConnection: close\r\n\r\n`,
  );
}

const OLD = "Host: old.example";
const COOKIE = "Host: localhost\r\nCookie: a=b; skiff-preview=nine";

testPrograms(
  "--preview shows a release under its host and to its cookie",
  ["--workers=1", "--workers=2"],
  (crew) =>
    `--preview shows a release under its host and to its cookie (${crew})`,
  async (crew) => {
    using folder = createFolder();
    folder.write("r/current", "v10");
    await using skiff = new Skiff([
      `--releases=${folder.join("r")}`,
      "--port=0",
      "--h2c",
      "--preview=v9=old.example",
      "--preview=*=*.pre.example",
      "--preview=v9=cookie:nine",
      // What is shown need not be among what hashed names come from.
      "--preview=v11=next.example",
      "--keep-releases=1",
      "--release-info",
      "--admin=127.0.0.1:0",
      crew,
    ]);
    const port = await skiff.listening();
    const admin = Number(/health on http:\S+:(\d+)/.exec(skiff.stderr)![1]);
    assertStringIncludes(await ask(port, "Host: localhost"), "\r\n\r\nten");
    for (const lines of [OLD, "Host: OLD.example.:1", COOKIE]) {
      const text = await ask(port, lines);
      assertStringIncludes(text, "\r\n\r\nnine");
      assertStringIncludes(text, "X-Release: nine\r\n");
    }
    assertStringIncludes(await ask(port, "Host: a.example"), " 421 ");
    assertStringIncludes(await ask(port, "Host: v1.pre.example"), " 404 ");

    await using client = await Http2Client.connect(port);
    const get = (authority: string, cookies: readonly string[] = []) =>
      client.ask([
        [":method", "GET"],
        [":scheme", "http"],
        [":authority", authority],
        [":path", "/"],
        ...cookies.map((cookie) => ["cookie", cookie] as const),
      ]);
    const cookies = ["a=b", "skiff-preview=nine", "c=d"];
    assertEquals((await get("v9.pre.example")).body, "nine");
    assertEquals((await get("localhost")).body, "ten");
    assertEquals((await get("localhost", cookies)).body, "nine");
    assertEquals((await get("a.example", cookies)).status, 421);

    // A new release appears under its own host, while current keeps what is served.
    folder.write("r/.v11/index.html", "eleven");
    Deno.renameSync(folder.join("r/.v11"), folder.join("r/v11"));
    const eleven = "Host: v11.pre.example";
    let text = "";
    for (const end = Date.now() + 15_000; Date.now() < end;) {
      text = await ask(port, eleven);
      if (text.endsWith("eleven")) break;
    }
    assertStringIncludes(text, "\r\n\r\neleven");
    assertStringIncludes(await ask(port, "Host: localhost"), "\r\n\r\nten");
    const metrics = await exchange(
      admin,
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assertStringIncludes(
      metrics,
      'skiff_preview_requests_total{by="cookie"} 3\n',
    );
  },
);

testProgram("SIGHUP changes previews", async () => {
  using folder = createFolder();
  const config = (...previews: string[]) =>
    folder.write("skiff.json", JSON.stringify({ preview: previews }));
  config("v9=old.example");
  await using skiff = new Skiff([
    `--releases=${folder.join("r")}`,
    `--config=${folder.join("skiff.json")}`,
    "--port=0",
  ]);
  const port = await skiff.listening();
  assertStringIncludes(await ask(port, OLD), "\r\n\r\nnine");
  config("v9=other.example");
  await skiff.reload('Reloaded release "v10"\n');
  assertStringIncludes(await ask(port, OLD), " 421 ");
  assertStringIncludes(await ask(port, "Host: other.example"), "nine");
  config("v9=a b");
  skiff.signal("SIGHUP");
  const said = 'Nothing was reloaded: --preview: Cannot use "a b" as a host';
  await until(() => skiff.stderr.includes(said), said);
  assertStringIncludes(await ask(port, "Host: other.example"), "nine");
  config();
  await skiff.reload('Reloaded release "v10"\n');
  assertStringIncludes(await ask(port, "Host: other.example"), " 421 ");
});

testProgram("explain says which preview a request asks for", async () => {
  using folder = createFolder();
  const { stdout } = await runSkiff([
    "explain",
    "/",
    `--releases=${folder.join("r")}`,
    "--preview=v9=old.example",
    "--header=Host: old.example",
  ]);
  assertStringIncludes(stdout, "preview  v9, by the request's host\n");
  assertStringIncludes(stdout, "of release v9\n");
});

testProgram("--preview needs releases, and a host or a word", async () => {
  const alone = await runSkiff(["--preview=v9=old.example"]);
  assertEquals(alone.code, 2);
  assertStringIncludes(alone.stderr, "Cannot use --preview without --releases");
  const bad = await runSkiff(["--releases=/", "--preview=../v9=old.example"]);
  assertEquals(bad.code, 2);
  assertStringIncludes(bad.stderr, 'Cannot use "../v9=old.example"');
});
