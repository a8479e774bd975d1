/**
 * The executables that `deno task compile` and `deno task pack` make: that they need nothing but
 * themselves, wherever and by whomever they are started. Ignored where they cannot be made.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, fromFileUrl } from "@std/path";
import { brotliDecompressSync } from "node:zlib";
import { readContents } from "../tools/contents.ts";
import { buildExecutable, bundleSkiff } from "../tools/executable.ts";
import { keepOlder } from "../tools/older.ts";
import { walk } from "../tools/walk.ts";
import project from "../deno.json" with { type: "json" };
import {
  bytesOf,
  HAS_PROGRAMS,
  request,
  TemporaryDirectory,
  testWith,
  textOf,
  utf8,
  within,
} from "./helpers.ts";
import { output, Running } from "./executables.ts";
import { IS_UNIX } from "./place.ts";

const PAGE = `<!doctype html><title>Ahoy</title>${
  "<p>Row, row, row.</p>".repeat(100)
}`;
const CHUNK = "/assets/chunk-1f0c9a7e.js";
const BUILT_IN = fromFileUrl(new URL("../static", import.meta.url));

/** The two executables, made once for all tests. */
interface Dock {
  readonly directory: TemporaryDirectory;
  readonly plain: string;
  readonly packed: string;
}

async function build(
  directory: TemporaryDirectory,
  folder: string,
  name: string,
  older: readonly string[] = [],
): Promise<string> {
  const found = walk(folder).files;
  const kept = keepOlder(found, { archives: older, keepReleases: 10 });
  const { files } = await readContents(found);
  const compiler = Deno.env.get("DENO_COMPILER");
  const options = {
    output: directory.join(name),
    compiler,
    modules: directory.join("modules"),
  };
  return (await buildExecutable({ files, kept }, options)).path;
}

/** Whether this run of the tests may do all that it takes. */
const CAN_BUILD = HAS_PROGRAMS && IS_UNIX &&
  Deno.permissions.querySync({ name: "env" }).state === "granted";

/** Makes both, or says why that cannot be done here. */
async function openDock(): Promise<Dock | string> {
  if (!CAN_BUILD) return "needs to run programs, on Unix";
  const directory = new TemporaryDirectory({
    "site/index.html": PAGE,
    "site/404.html": "<h1>No such thing here</h1>",
    "site/alphabet.txt": "abcdefghijklmnopqrstuvwxyz",
    "site/list/b.txt": "b",
    "site/list/foreign.ts": "this is not TypeScript: <{",
    "site/list/foreign.js": "nor is this JavaScript ( import",
    "site/.env": "secret",
    "folder/other.txt": "from a folder",
    "folder/page.html": PAGE,
    "ws/deno.json": '{ "workspace": [] }',
  });
  Deno.mkdirSync(directory.join("empty"));
  // The user without rights has to come to where the executables are.
  Deno.chmodSync(directory.path, 0o755);
  try {
    directory.write(`older${CHUNK}`, "older");
    directory.write("older/plain.js", "older");
    await bundleSkiff(directory.join("modules"));
    const older = await build(directory, directory.join("older"), "ws/older");
    const plain = await build(directory, BUILT_IN, "ws/skiff");
    const site = directory.join("site");
    const packed = await build(directory, site, "ws/my:site", [older]);
    return { directory, plain, packed };
  } catch (error) {
    directory[Symbol.dispose]();
    // Any other failure is skiff's own.
    const { message } = error as Error;
    if (!/^Cannot compile[^]*denort/.test(message)) throw error;
    return "the compiler cannot get its base";
  }
}

const dock = await openDock();
if (typeof dock !== "string") {
  addEventListener("unload", () => dock.directory[Symbol.dispose]());
}

/** A test with both executables; ignored where `obstacle` says why. */
function testAfloat(
  name: string,
  fn: (dock: Dock) => Promise<void>,
  obstacle?: string,
): void {
  const reason = typeof dock === "string" ? dock : obstacle;
  const note = reason === undefined ? "" : ` (not here: ${reason})`;
  testWith(
    reason === undefined,
    `executable: ${name}${note}`,
    () => fn(dock as Dock),
  );
}

testAfloat("without a folder it serves the built-in site", async (dock) => {
  await using running = new Running(dock, dock.plain);
  const port = await running.port();
  const page = await request(port, "GET", "/");
  assertEquals(page.status, 200);
  assertEquals(page.body, textOf(Deno.readFileSync(`${BUILT_IN}/index.html`)));
  const codings = { "Accept-Encoding": "br" };
  const style = await request(port, "GET", "/style.css", codings);
  assertEquals(style.fields.get("content-encoding"), "br");
  assertEquals(
    textOf(brotliDecompressSync(bytesOf(style.body))),
    textOf(Deno.readFileSync(`${BUILT_IN}/style.css`)),
  );
});

testAfloat("it answers from the site inside", async (dock) => {
  await using running = new Running(dock, dock.packed);
  const port = await running.port();
  const whole = await request(port, "GET", "/");
  assertEquals([whole.status, whole.body], [200, textOf(utf8(PAGE))]);
  assertEquals(whole.fields.get("content-type"), "text/html; charset=UTF-8");
  const head = await request(port, "HEAD", "/");
  assertEquals([head.status, head.body], [200, ""]);
  assertEquals(head.fields.get("content-length"), `${PAGE.length}`);
  const range = { "Range": "bytes=2-5" };
  const part = await request(port, "GET", "/alphabet.txt", range);
  assertEquals([part.status, part.body], [206, "cdef"]);
  const codings = { "Accept-Encoding": "gzip, br" };
  const encoded = await request(port, "GET", "/", codings);
  assertEquals(encoded.fields.get("content-encoding"), "br");
  assertEquals(textOf(brotliDecompressSync(bytesOf(encoded.body))), PAGE);
  const known = await request(port, "GET", "/", {
    "If-None-Match": whole.fields.get("etag")!,
  });
  assertEquals([known.status, known.body], [304, ""]);
  const missing = await request(port, "GET", "/gone");
  assertEquals(missing.status, 404);
  assertStringIncludes(missing.body, "No such thing here");
});

testAfloat(
  "it has of an older executable what carries a hash",
  async (dock) => {
    await using running = new Running(dock, dock.packed);
    const port = await running.port();
    const chunk = await request(port, "GET", CHUNK);
    assertEquals([chunk.status, chunk.body], [200, "older"]);
    assertStringIncludes(chunk.fields.get("cache-control")!, "immutable");
  },
);

testAfloat(
  "it lists what is inside, where foreign code is data",
  async (dock) => {
    await using running = new Running(dock, dock.packed);
    const port = await running.port();
    const listing = await request(port, "GET", "/list/", {
      "Accept": "application/json",
    });
    assertEquals(listing.status, 200);
    for (const name of ["b.txt", "foreign.js", "foreign.ts"]) {
      assertStringIncludes(listing.body, `"${name}"`);
    }
    const code = await request(port, "GET", "/list/foreign.ts");
    assertEquals(code.body, "this is not TypeScript: <{");
  },
);

const OUTSIDE = [
  "/.env",
  "/alphabet.txt/",
  "/main.ts",
  "/site.skiff",
  "/lib/site/bundle.ts",
  "/../main.ts",
  "/plain.js",
  "/assets/",
  "/%2e%2e/site.skiff",
];

testAfloat("it gives out nothing but the site", async (dock) => {
  await using running = new Running(dock, dock.packed);
  const port = await running.port();
  for (const target of OUTSIDE) {
    const { status } = await request(port, "GET", target);
    assertEquals([target, status], [target, 404]);
  }
});

/** Asks for a page until it comes with brotli. */
async function waitForBrotli(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const codings = { "Accept-Encoding": "br" };
    const { fields } = await request(port, "GET", "/page.html", codings);
    if (fields.get("content-encoding") === "br") return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("Nothing is compressed");
}

testAfloat("with a folder it serves that, and compresses", async (dock) => {
  const args = [dock.directory.join("folder")];
  await using running = new Running(dock, dock.packed, { args });
  const port = await running.port();
  const other = await request(port, "GET", "/other.txt");
  assertEquals(other.body, "from a folder");
  assertEquals((await request(port, "GET", "/other.txt/")).status, 404);
  await waitForBrotli(port);
});

testAfloat(
  "with a folder it outlives codings that it may not know to make",
  async (dock) => {
    const args = [dock.directory.join("folder")];
    await using running = new Running(dock, dock.plain, { args });
    const port = await running.port();
    const fields = { "Accept-Encoding": "zstd" };
    await request(port, "GET", "/page.html", fields);
    // By then what was asked for before it has been tried as well.
    await waitForBrotli(port);
    const { status } = await request(port, "GET", "/page.html", fields);
    assertEquals(status, 200);
  },
);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  testAfloat(`it ends with 0 at ${signal}`, async (dock) => {
    await using running = new Running(dock, dock.packed);
    await running.port();
    running.process.kill(signal);
    const { code } = await within(running.process.status, "the end");
    assertEquals(code, 0);
  });
}

testAfloat("it serves with several workers", async (dock) => {
  const args = ["--workers=2"];
  await using running = new Running(dock, dock.packed, { args });
  const port = await running.port();
  for (let round = 0; round < 20; round++) {
    const { body } = await request(port, "GET", "/alphabet.txt");
    assertEquals(body, "abcdefghijklmnopqrstuvwxyz");
  }
  running.process.kill("SIGTERM");
  const { code } = await within(running.process.status, "the end");
  assertEquals(code, 0);
});

/** What takes all rights from a process. */
const NOBODY = [
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--no-new-privs",
];

/** Why rights cannot be taken away here; undefined where they can. */
function obstacleToNobody(): string | undefined {
  if (!CAN_BUILD) return "needs to run programs";
  try {
    const [command, ...args] = [...NOBODY, "true"];
    const { success } = new Deno.Command(command!, { args }).outputSync();
    return success ? undefined : "only root can become somebody else";
  } catch {
    return "there is no setpriv";
  }
}

testAfloat("it serves for a user without rights", async (dock) => {
  const args = ["--workers=2"];
  const options = { args, before: NOBODY };
  await using running = new Running(dock, dock.packed, options);
  const page = await request(await running.port(), "GET", "/");
  assertEquals(page.status, 200);
}, obstacleToNobody());

testAfloat("it writes nothing", async (dock) => {
  const names = () => [...Deno.readDirSync(dock.directory.join("empty"))];
  const temporary = () =>
    [...Deno.readDirSync(dirname(dock.directory.path))].map(({ name }) => name)
      .filter((name) => /mysite|deno-compile/.test(name));
  const earlier = temporary();
  {
    await using running = new Running(dock, dock.packed);
    await request(await running.port(), "GET", "/");
    running.process.kill("SIGTERM");
    await within(running.process.status, "the end");
  }
  assertEquals(names(), []);
  assertEquals(temporary(), earlier);
});

testAfloat("it says what it is", async ({ plain, packed }) => {
  for (const program of [plain, packed]) {
    const { code, out } = await output(program, ["--version"]);
    assertEquals(code, 0);
    assert(out.startsWith(`skiff ${project.version}\ndeno `), out);
    assertStringIncludes(out, "\nv8 ");
  }
});

testAfloat("with a damaged archive it says so and ends", async (dock) => {
  const image = Deno.readFileSync(dock.packed);
  // The last content, in the middle of the archive's bytes, as text that is in no other part.
  const at = textOf(image.subarray(-20_000_000)).indexOf("No such thing here");
  assert(at !== -1, "the archive is not where it was");
  image[image.length - 20_000_000 + at]! ^= 1;
  const broken = dock.directory.join("broken");
  Deno.writeFileSync(broken, image, { mode: 0o755 });
  for (const args of [["--port=0"], ["--port=0", "--workers=2"]]) {
    const { code, err } = await output(broken, args);
    assertEquals([code, err], [
      1,
      "skiff: Cannot read the archive: its contents are damaged\n",
    ]);
  }
});
