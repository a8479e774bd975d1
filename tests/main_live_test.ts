/**
 * `skiff dev` and `--live`, on the program.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type Files,
  HAS_PROGRAMS,
  TemporaryDirectory,
  testWith,
  until,
  within,
} from "./helpers.ts";
import { Skiff } from "./skiff.ts";

const FILES = {
  "index.html": "<!doctype html><p>a",
  "a.css": "p {}",
  "a.css.gz": "no gzip",
  "_headers": "/*\n  Cache-Control: immutable\n",
};

/** Registers a test with a program that serves a small site. */
function testProgram(
  name: string,
  args: (root: string) => readonly string[],
  fn: (
    get: (path: string, fields?: Record<string, string>) => Promise<Response>,
    folder: TemporaryDirectory,
    skiff: Skiff,
  ) => Promise<void>,
  files: Files = FILES,
): void {
  testWith(HAS_PROGRAMS, name, async () => {
    using folder = new TemporaryDirectory(files);
    await using skiff = new Skiff([...args(folder.path), "--port=0"]);
    const port = await skiff.listening();
    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers });
    await fn(get, folder, skiff);
  });
}

/** Reads events until one of a name comes; returns its data. */
async function eventFrom(
  reader: ReadableStreamDefaultReader<string>,
  name: string,
): Promise<{ state: string; paths?: string[] | null }> {
  let text = "";
  for (;;) {
    const match = new RegExp(`event: ${name}\n(?:retry: .*\n)?data: (.*)\n\n`)
      .exec(text);
    if (match !== null) return JSON.parse(match[1]!);
    const { value, done } = await within(reader.read(), `the event ${name}`);
    if (done) throw new Error(`The end, not ${name}: ${text}`);
    text += value;
  }
}

for (
  const args of [
    (root: string) => ["dev", root],
    (root: string) => [root, "--live"],
    (root: string) => ["dev", root, "--workers=2"],
  ]
) {
  testProgram(
    `skiff ${args("ROOT").join(" ")} sends live pages that no one stores`,
    args,
    async (get, folder, skiff) => {
      const page = await get("/");
      assertMatch(
        await page.text(),
        /^<!doctype html><script src="\/\.skiff\/live\.js" data-path="\/index\.html"/,
      );
      const style = await get("/a.css", { "Accept-Encoding": "gzip" });
      assertEquals(await style.text(), "p {}");
      for (const { headers } of [page, style]) {
        assertEquals(headers.get("cache-control"), "no-store");
        assertEquals(headers.get("content-encoding"), null);
      }
      const script = await get("/.skiff/live.js");
      assertMatch(await script.text(), /EventSource/);
      const events = await get("/.skiff/live");
      assertEquals(events.headers.get("content-type"), "text/event-stream");
      const reader = events.body!.pipeThrough(new TextDecoderStream())
        .getReader();
      await eventFrom(reader, "hello");
      folder.write("new.html", "b");
      // The first look may see it already.
      const late = setTimeout(() => folder.write("new.html", "bb"), 1000);
      const { paths } = await eventFrom(reader, "change");
      clearTimeout(late);
      assertEquals(paths, ["/new.html"]);
      const start = Date.now();
      skiff.signal("SIGTERM");
      assertEquals(await skiff.ended(), 0);
      assert(Date.now() - start < 5000);
      await reader.cancel().catch(() => {});
    },
  );
}

for (
  const args of [
    (root: string) => [root],
    (root: string) => ["dev", root, "--no-live"],
  ]
) {
  testProgram(
    `skiff ${args("ROOT").join(" ")} has nothing of live pages`,
    args,
    async (get) => {
      const page = await get("/");
      assertEquals(await page.text(), FILES["index.html"]);
      assertEquals(page.headers.get("cache-control"), "immutable");
      for (const path of ["/.skiff/live", "/.skiff/live.js"]) {
        const reply = await get(path);
        assertEquals(reply.status, 404);
        await reply.body?.cancel();
      }
    },
  );
}

testProgram(
  "a reload of the configuration ends the events, and others begin",
  (root) => ["dev", root],
  async (get, _folder, skiff) => {
    const events = await get("/.skiff/live");
    const reader = events.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    const { state } = await eventFrom(reader, "hello");
    skiff.signal("SIGHUP");
    const ended = async () => {
      while (!(await reader.read()).done);
    };
    await within(ended(), "the end of the events");
    const again = await get("/.skiff/live");
    const more = again.body!.pipeThrough(new TextDecoderStream()).getReader();
    let now = await eventFrom(more, "hello");
    if (now.state === "") now = await eventFrom(more, "hello");
    assert(state === "" || now.state === state);
    await more.cancel();
  },
);

for (const workers of [1, 2]) {
  testProgram(
    `rules and settings that change apply by themselves, and pages reload (--workers=${workers})`,
    (root) => ["dev", `${root}/site`, `--workers=${workers}`],
    async (get, folder, skiff) => {
      const events = await get("/.skiff/live");
      const reader = events.body!.pipeThrough(new TextDecoderStream())
        .getReader();
      const field = async (name: string) => {
        const response = await get("/");
        await response.body?.cancel();
        return response.headers.get(name);
      };
      await eventFrom(reader, "hello");
      folder.write("site/_headers", "/*\n  X-Rule: new\n");
      // First that the file is another one, then that the rules are.
      while ((await eventFrom(reader, "change")).paths !== null);
      await reader.cancel();
      assertEquals(await field("x-rule"), "new");
      folder.write("skiff.json", `{ "header": ["X-Setting: new"] }`);
      await until(
        () => skiff.stderr.split("Reloaded\n").length === 3,
        "the second reload",
      );
      assertEquals(await field("x-setting"), "new");
      folder.write("site/_headers", "/*\n  no field\n");
      await until(
        () => skiff.stderr.includes("Nothing was reloaded: "),
        "what is said of the rules",
      );
      assertEquals(await field("x-rule"), "new");
    },
    { "site/index.html": "a", "site/_headers": "" },
  );
}
