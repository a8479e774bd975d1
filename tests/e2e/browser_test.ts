/**
 * What people see: pages in a real browser, over real sockets.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { TemporaryDirectory, until } from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { browserTest, isFavicon, type Visitor } from "./browser.ts";
import { startProgram } from "./program.ts";
import { page, PLAYER, WASM, wav, WAV_BYTES_PER_SECOND } from "./samples.ts";

const WELCOME = fromFileUrl(new URL("../../static/", import.meta.url));

/** The names in a listing, from top to bottom. */
const ROWS = "tbody tr a:not(.parent)";

/** Status and target of the exchanges from the given one on, sorted; without what browsers ask for by themselves. */
function answers(server: TestServer, start: number = 0): string[] {
  return server.exchanges.slice(start)
    .map(({ status, requestLine }) => `${status} ${requestLine?.split(" ")[1]}`)
    .filter((answer) => !isFavicon(answer))
    .sort();
}

/** Nothing went wrong on the page, and nothing in the server. */
function assertCalm(visitor: Visitor, server: TestServer): void {
  assertEquals(visitor.problems, []);
  assertEquals(server.reports, []);
}

browserTest("the built-in site loads, and nothing fails", async (visitor) => {
  await using server = new TestServer(WELCOME);
  const response = await visitor.visit(server.url("/"));
  assertEquals(response.status(), 200);
  assertEquals(await visitor.evaluate("document.styleSheets.length"), 1);
  assertEquals(answers(server), ["200 /", "200 /style.css"]);
  assertCalm(visitor, server);
});

browserTest("the site's own page for 404 is shown", async (visitor) => {
  await using server = new TestServer(WELCOME);
  await visitor.visit(server.url("/"));
  const response = await visitor.follow("a page that does not exist");
  assertEquals(response.status(), 404);
  const own = Deno.readTextFileSync(`${WELCOME}404.html`);
  assertEquals(await response.text(), own);
  assertEquals(await visitor.evaluate("document.styleSheets.length"), 1);
  assertEquals(server.reports, []);
});

/** A folder with files of several sizes and times. */
function folder(): TemporaryDirectory {
  const directory = new TemporaryDirectory({
    "apple.txt": "a".repeat(300),
    "Banana.txt": "b",
    "cherry 10.txt": "c".repeat(5000),
    "cherry 9.txt": "c".repeat(40),
    "docs/inside.txt": "inside",
  });
  const days = ["cherry 9.txt", "apple.txt", "cherry 10.txt", "Banana.txt"];
  for (const [day, name] of days.entries()) {
    const date = new Date(Date.UTC(2025, 0, 1 + day));
    Deno.utimeSync(directory.join(name), date, date);
  }
  return directory;
}

/** Column heads to click one after the other, and the order of the files after each click. */
const SORTINGS: [head: string, direction: string, names: string[]][] = [
  ["Size", "descending", ["10", "apple", "9", "Banana"]],
  ["Size", "ascending", ["Banana", "9", "apple", "10"]],
  ["Modified", "descending", ["Banana", "10", "apple", "9"]],
  ["Modified", "ascending", ["9", "apple", "10", "Banana"]],
  ["Name", "ascending", ["apple", "Banana", "9", "10"]],
  ["Name", "descending", ["10", "9", "Banana", "apple"]],
];

browserTest("a listing is sorted by its column heads", async (visitor) => {
  using directory = folder();
  await using server = new TestServer(directory.path);
  await visitor.visit(server.url("/"));
  for (const [head, direction, names] of SORTINGS) {
    const column = visitor.page.locator("thead th", { hasText: head });
    await visitor.follow(column.getByRole("button"));
    assertEquals(await column.getAttribute("aria-sort"), direction, head);
    const rows = await visitor.texts(ROWS);
    const shown = rows.slice(1).map((row) => row.match(/\w+(?=\.txt)/)![0]);
    assertEquals([rows[0], ...shown], ["docs/", ...names], head);
  }
  assertCalm(visitor, server);
});

browserTest("the filter of a listing hides other names", async (visitor) => {
  using directory = folder();
  await using server = new TestServer(directory.path);
  await visitor.visit(server.url("/"));
  const filter = visitor.page.getByLabel("Search names");
  await filter.fill("ERR .txt");
  assertEquals(await visitor.texts(ROWS), ["cherry 9.txt", "cherry 10.txt"]);
  await visitor.page.getByText("2 of 5 shown.").waitFor();
  await filter.fill("nothing");
  assertEquals(await visitor.texts(ROWS), []);
  await visitor.page.getByText("No name matches.").waitFor();
  await filter.fill("");
  assertEquals((await visitor.texts(ROWS)).length, 5);
  assertCalm(visitor, server);
});

browserTest("a folder is entered and left by links", async (visitor) => {
  using directory = folder();
  await using server = new TestServer(directory.path);
  await visitor.visit(server.url("/"));
  await visitor.follow("docs/");
  assertEquals(new URL(visitor.page.url()).pathname, "/docs/");
  assertEquals(await visitor.texts(ROWS), ["inside.txt"]);
  await visitor.follow("Parent directory");
  assertEquals(new URL(visitor.page.url()).pathname, "/");
  // Without its slash the way in is a redirect, else the link would lead elsewhere.
  await visitor.visit(server.url("/docs?sort=size"));
  assertEquals(visitor.page.url(), server.url("/docs/?sort=size"));
  const file = await visitor.follow("inside.txt");
  assertEquals(await file.text(), "inside");
  assertCalm(visitor, server);
});

/** Names that would be something else than a name if they could, and what a person is to see. */
const STRANGE_NAMES: [name: string, shown: string][] = [
  ["<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"],
  [`"onmouseover='alert(1)'.txt`, `"onmouseover='alert(1)'.txt`],
  ["&lt;b&gt;&amp;.txt", "&lt;b&gt;&amp;.txt"],
  ["javascript:alert(1).txt", "javascript:alert(1).txt"],
  ["?query#fragment.txt", "?query#fragment.txt"],
  ["100%25 of %2e%2e.txt", "100%25 of %2e%2e.txt"],
  ["two\nlines.txt", "two␊lines.txt"],
  ["\u202Etxt.exe.txt", "[U+202E]txt.exe.txt"],
  ["שלום عالم.txt", "שלום عالم.txt"],
  ["e\u0301 and é and 🛶.txt", "e\u0301 and é and 🛶.txt"],
];

browserTest("names that look like markup are text", async (visitor) => {
  using directory = new TemporaryDirectory(
    Object.fromEntries(STRANGE_NAMES.map(([name]) => [name, `in ${name}`])),
  );
  await using server = new TestServer(directory.path);
  for (const [name, shown] of STRANGE_NAMES) {
    await visitor.visit(server.url("/"));
    const rows = await visitor.texts(ROWS);
    assertEquals(rows.toSorted(), STRANGE_NAMES.map((row) => row[1]).sort());
    // The mark.
    assertEquals(await visitor.evaluate("document.images.length"), 1);
    const link = visitor.page.locator(ROWS).nth(rows.indexOf(shown));
    const response = await visitor.follow(link);
    assertEquals(await response.text(), `in ${name}`);
  }
  assertCalm(visitor, server);
});

browserTest("sound is sought by ranges", async (visitor) => {
  const seconds = 120;
  using directory = new TemporaryDirectory({
    "index.html": PLAYER,
    "long.wav": wav(seconds),
  });
  await using server = new TestServer(directory.path);
  const starts: number[] = [];
  visitor.page.on("request", (request) => {
    const range = /^bytes=(\d+)-/.exec(request.headers()["range"] ?? "");
    if (range !== null) starts.push(Number(range[1]));
  });
  await visitor.visit(server.url("/"));
  const target = 100;
  const time = await visitor.evaluate(`jump(${target})`) as number;
  assert(time > target && time < target + 5, `at ${time}`);
  assertEquals(await visitor.evaluate("player.duration"), seconds);
  assert(
    starts.some((start) => start > 90 * WAV_BYTES_PER_SECOND),
    `${starts}`,
  );
  const ranges = () => answers(server).filter((one) => one === "206 /long.wav");
  await visitor.page.goto("about:blank");
  await until(() => ranges().length >= 2, "two ranges are recorded");
  // The browser breaks off what it does not need any more.
  assertEquals(visitor.problems.filter((one) => !/ABORTED/.test(one)), []);
  assertEquals(server.reports, []);
});

browserTest("modules run with the types they have", async (visitor) => {
  using directory = new TemporaryDirectory({
    "index.html": page(`<script type="module" src="main.js"></script>`),
    "main.js": `import { part } from "./part.mjs";
      import data from "./data.json" with { type: "json" };
      const { instance } = await WebAssembly.instantiateStreaming(fetch("answer.wasm"));
      document.title = [part, data.part, instance.exports.answer()].join();`,
    "part.mjs": `export const part = "mjs";`,
    "data.json": `{"part": "json"}`,
    "answer.wasm": WASM,
  });
  await using server = new TestServer(directory.path);
  const response = await visitor.visit(server.url("/"));
  assertEquals(response.headers()["x-content-type-options"], "nosniff");
  await visitor.page.waitForFunction("document.title !== 'Test'");
  assertEquals(await visitor.page.title(), "mjs,json,42");
  assertCalm(visitor, server);
});

browserTest("a reload sends nothing again", async (visitor) => {
  using directory = new TemporaryDirectory({
    "index.html": page(`<link rel="stylesheet" href="style.css">`),
    "style.css": "body { color: rgb(1, 2, 3) }",
  });
  await using server = new TestServer(directory.path);
  const color = "getComputedStyle(document.body).color";
  await visitor.visit(server.url("/"));
  assertEquals(answers(server), ["200 /", "200 /style.css"]);
  const before = server.exchanges.length;
  await visitor.page.reload();
  assertEquals(answers(server, before), ["304 /", "304 /style.css"]);
  assertEquals(await visitor.evaluate(color), "rgb(1, 2, 3)");
  directory.write("style.css", "body { color: rgb(10, 20, 30) }");
  const middle = server.exchanges.length;
  await visitor.page.reload();
  assertEquals(answers(server, middle), ["200 /style.css", "304 /"]);
  assertEquals(await visitor.evaluate(color), "rgb(10, 20, 30)");
  assertCalm(visitor, server);
});

browserTest("what has a hash in its name is kept", async (visitor) => {
  using directory = new TemporaryDirectory({
    "index.html": page(`<script src="app-7d03f1b94ce2a85d.js"></script>`),
    "app-7d03f1b94ce2a85d.js": "document.title = `Runs`",
  });
  await using server = new TestServer(directory.path);
  await visitor.visit(server.url("/"));
  const before = server.exchanges.length;
  await visitor.page.reload();
  assertEquals(answers(server, before), ["304 /"]);
  assertEquals(await visitor.page.title(), "Runs");
  assertCalm(visitor, server);
});

/** How a page reads a file anew: its content coding, and its text. */
const READ = `async (path) => {
  const response = await fetch(path, { cache: "no-store" });
  return [response.headers.get("content-encoding"), await response.text()];
}`;

browserTest("compressed content is what the file says", async (visitor) => {
  const text = "Ein Kahn, ein Segel, ein Schiff. 🛶\n".repeat(2000);
  using directory = new TemporaryDirectory({
    "index.html": page(""),
    "long.txt": text,
  });
  // A file that was written to a moment ago is read again, and what was made of it is lost.
  const hourAgo = new Date(Date.now() - 3_600_000);
  Deno.utimeSync(directory.join("long.txt"), hourAgo, hourAgo);
  await using server = new TestServer(directory.path);
  await visitor.visit(server.url("/"));
  const read = `(${READ})("/long.txt")`;
  assertEquals(await visitor.evaluate(read), [null, text]);
  await server.site.idle();
  assertEquals(await visitor.evaluate(read), ["br", text]);
  const bodies = server.exchanges.map(({ bodyBytes }) => bodyBytes);
  assert(bodies.at(-1)! < text.length / 20, `${bodies}`);
  assertCalm(visitor, server);
});

browserTest("--spa answers for pages, not for scripts", async (visitor) => {
  using directory = new TemporaryDirectory({
    "index.html": page(`<script src="/shell.js"></script>`),
    "shell.js": "document.title = `Shell at ${location.pathname}`",
  });
  const policy = { spa: "/index.html" };
  await using server = new TestServer(directory.path, { policy });
  const response = await visitor.visit(server.url("/users/7/v1.2?tab=a"));
  assertEquals(response.status(), 200);
  assertEquals(await visitor.page.title(), "Shell at /users/7/v1.2");
  assertCalm(visitor, server);
  const status = `fetch("/users/8").then(({ status }) => status)`;
  assertEquals(await visitor.evaluate(status), 404);
  const missing = `new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = "/old/chunk";
    script.onerror = () => resolve("error");
    script.onload = () => resolve("load");
    document.body.append(script);
  })`;
  assertEquals(await visitor.evaluate(missing), "error");
  assertEquals(answers(server).slice(-2), ["404 /old/chunk", "404 /users/8"]);
  assertEquals(server.reports, []);
});

/** A worker that shares memory with its page, and tells whether it is isolated, as the page does. */
const SHARING = page(`<script>
const worker = new Worker("/worker.js");
const told = new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
async function share() {
  const memory = new SharedArrayBuffer(4);
  worker.postMessage(memory);
  return [crossOriginIsolated, await told, new Int32Array(memory)[0]];
}
</script>`);

browserTest("--coi isolates pages and their workers", async (visitor) => {
  using directory = new TemporaryDirectory({
    "index.html": SHARING,
    "worker.js": `onmessage = ({ data }) => {
      new Int32Array(data)[0] = 7;
      postMessage(crossOriginIsolated);
    }`,
  });
  const policy = { coi: true };
  await using server = new TestServer(directory.path, { policy });
  await visitor.visit(server.url("/"));
  assertEquals(await visitor.evaluate("share()"), [true, true, 7]);
  assertCalm(visitor, server);
  await using plain = new TestServer(directory.path);
  await visitor.visit(plain.url("/"));
  assertEquals(await visitor.evaluate("crossOriginIsolated"), false);
});

/** How a page reads another origin's file, with a field that makes browsers ask first. */
const READ_ABROAD = `async (url) => {
  const headers = { "X-Asked": "first", Range: "bytes=2-5" };
  const response = await fetch(url, { headers });
  const range = response.headers.get("content-range");
  return [response.status, range, await response.text()];
}`;

browserTest("--cors lets other origins read", async (visitor) => {
  using directory = new TemporaryDirectory({
    "index.html": page(""),
    "data.json": `["data"]`,
  });
  await using home = new TestServer(directory.path);
  await using shut = new TestServer(directory.path);
  const policy = { cors: true };
  await using open = new TestServer(directory.path, { policy });
  await visitor.visit(home.url("/"));
  const read = (url: string) => visitor.evaluate(`(${READ_ABROAD})("${url}")`);
  const abroad = await read(open.url("/data.json"));
  assertEquals(abroad, [206, "bytes 2-5/8", "data"]);
  assertEquals(answers(open), ["204 /data.json", "206 /data.json"]);
  assertCalm(visitor, open);
  const plain = `fetch("${shut.url("/data.json")}").catch(({ name }) => name)`;
  assertEquals(await visitor.evaluate(plain), "TypeError");
  assertEquals(answers(shut), ["200 /data.json"]);
});

browserTest("main.ts serves what its options say", async (visitor) => {
  using directory = new TemporaryDirectory({ "app.html": page("App") });
  await using program = await startProgram(
    [directory.path, "--index", "app.html", "--coi", "--header", "X-By: me"],
  );
  const response = await visitor.visit(program.url);
  assertEquals(response.headers()["x-by"], "me");
  assertEquals(await visitor.texts("body"), ["App"]);
  assertEquals(await visitor.evaluate("crossOriginIsolated"), true);
  assertEquals(visitor.problems, []);
});
