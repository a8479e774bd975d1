/**
 * The program with --releases: which release it serves, and what it does when
 * others come and go.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { ANN_LINE } from "./access/auth_file.ts";
import { request, TemporaryDirectory, until } from "./helpers.ts";
import { Http2Client } from "./http2_client.ts";
import { runSkiff } from "./run_skiff.ts";
import { Client } from "./raw_client.ts";
import { Skiff, testProgram, testPrograms } from "./skiff.ts";
import { createYard, run } from "./tools/yard.ts";

const CREWS = ["--workers=1", "--workers=2"];

const OLD = "/assets/app-1f0c9a7e.js";
const NEW = "/assets/app-2f1c9a7e.js";

function createFolder() {
  return new TemporaryDirectory({
    "r/v9/index.html": "nine",
    "r/v9/plain.js": "nine",
    [`r/v9${OLD}`]: "old",
    "r/v10/index.html": "ten",
    "r/v10/_headers": "/*\n  X-Release: ten\n",
    [`r/v10${NEW}`]: "new",
  });
}

/** A command line that serves the releases of a folder. */
function argsFor(
  folder: TemporaryDirectory,
  ...others: readonly string[]
): readonly string[] {
  return [`--releases=${folder.join("r")}`, "--port=0", ...others];
}

function deploy(
  folder: TemporaryDirectory,
  name: string,
  files: Readonly<Record<string, string>>,
): void {
  for (const [path, text] of Object.entries(files)) {
    folder.write(`r/.${name}/${path}`, text);
  }
  Deno.renameSync(folder.join(`r/.${name}`), folder.join(`r/${name}`));
}

async function bodyAt(port: number, path: string): Promise<string> {
  const { status, body } = await request(port, "GET", path);
  return status === 200 ? body : String(status);
}

testPrograms(
  "--releases serves the newest release, and what older ones have by its hash",
  CREWS,
  (crew) =>
    `--releases serves the newest release, and what older ones have by its hash (${crew})`,
  async (crew) => {
    using folder = createFolder();
    const args = argsFor(folder, crew, "--keep-releases=2");
    await using skiff = new Skiff(args);
    const port = await skiff.listening();
    assertEquals(await bodyAt(port, "/"), "ten");
    assertEquals(await bodyAt(port, NEW), "new");
    assertEquals(await bodyAt(port, OLD), "old");
    assertEquals(await bodyAt(port, "/plain.js"), "404");
    const { fields } = await request(port, "GET", OLD);
    assertEquals(
      fields.get("cache-control"),
      "public, max-age=31536000, immutable",
    );
    assertEquals(fields.get("x-release"), "ten");
    using open = await Client.connect(port);
    await open.get("/");
    await open.response();

    deploy(folder, "v11", { "index.html": "eleven" });
    await until(
      () => skiff.stderr.includes('Serving release "v11"'),
      "the release",
    );
    const isServed = async () => await bodyAt(port, "/") === "eleven";
    for (let i = 0; i < 50 && !await isServed(); i++);
    assertEquals(await bodyAt(port, "/"), "eleven");
    assertEquals(await bodyAt(port, NEW), "new");
    // No more than two are kept.
    assertEquals(await bodyAt(port, OLD), "404");

    Deno.symlinkSync("v9", folder.join("r/current"));
    await until(
      () => skiff.stderr.includes('Serving release "v9"'),
      "the step back",
    );
    for (let i = 0; i < 50 && await bodyAt(port, "/") !== "nine"; i++);
    assertEquals(await bodyAt(port, "/"), "nine");
    await open.get("/");
    const { fields: after } = await open.response();
    assertEquals(after.get("x-release"), undefined);
  },
);

testProgram(
  "archives that pack writes are releases, with what they keep of older ones",
  async () => {
    using yard = createYard();
    Deno.mkdirSync(yard.join("r"));
    yard.write("site/index.html", "one");
    yard.write(`site${OLD}`, "old");
    const packed = async (output: string, ...others: string[]) => {
      const args = ["site", "--output", output, ...others];
      const { code, err } = await run(yard, "pack", args);
      assertEquals(code, 0, err);
    };
    await packed("r/v1.skiff");
    await using skiff = new Skiff(argsFor(yard));
    const port = await skiff.listening();
    assertEquals(await bodyAt(port, "/"), "one");
    yard.write("site/index.html", "two");
    Deno.renameSync(yard.join(`site${OLD}`), yard.join(`site${NEW}`));
    await packed("r/v2.skiff", "--with", "r/v1.skiff");
    const said = 'Serving release "v2.skiff"';
    await until(() => skiff.stderr.includes(said), said);
    Deno.removeSync(yard.join("r/v1.skiff"));
    yard.write("site/index.html", "three");
    Deno.removeSync(yard.join(`site${NEW}`));
    await packed("r/v3.skiff", "--with", "r/v2.skiff");
    Deno.removeSync(yard.join("r/v2.skiff"));
    const last = 'Serving release "v3.skiff"';
    await until(() => skiff.stderr.includes(last), last);
    assertEquals(await bodyAt(port, "/"), "three");
    for (const [path, body] of [[OLD, "old"], [NEW, "old"]] as const) {
      const { status, fields, ...reply } = await request(port, "GET", path);
      assertEquals([status, reply.body], [200, body]);
      assertEquals(
        fields.get("cache-control"),
        "public, max-age=31536000, immutable",
      );
    }
    assertEquals(await bodyAt(port, "/assets/"), "404");
  },
);

/** Runs the deploy script of the example. */
async function runDeploy(folder: TemporaryDirectory, ...args: string[]) {
  const script = new URL("../examples/releases/deploy.sh", import.meta.url);
  const { code, stderr } = await new Deno.Command("sh", {
    args: [fromFileUrl(script), ...args],
    cwd: folder.path,
    stdin: "null",
  }).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

testProgram(
  "the deploy script of the example puts a build in its place in one step",
  async () => {
    using folder = createFolder();
    folder.write("my build/index.html", "built");
    folder.write("my build/assets/a.js", "a");
    await using skiff = new Skiff(argsFor(folder));
    const port = await skiff.listening();
    const deployed = await runDeploy(folder, "my build", "r", "v11");
    assertEquals(deployed, { code: 0, err: "" });
    const said = 'Serving release "v11"';
    await until(() => skiff.stderr.includes(said), said);
    assertEquals(await bodyAt(port, "/"), "built");
    assertEquals(await bodyAt(port, "/assets/a.js"), "a");
    assertEquals(await runDeploy(folder, "my build", "r", "v11"), {
      code: 1,
      err: "deploy.sh: there is a release v11 already\n",
    });
    assertEquals(await runDeploy(folder, "gone", "r", "v12"), {
      code: 1,
      err: "deploy.sh: there is no folder gone\n",
    });
    assertEquals((await runDeploy(folder, "my build")).code, 2);
    const names = [...Deno.readDirSync(folder.join("r"))]
      .map(({ name }) => name).sort();
    assertEquals(names, ["v10", "v11", "v9"]);
    assertEquals(skiff.stderr.includes("does not count"), false);
  },
);

testProgram(
  "a release with broken rules is refused and named; the one before goes on",
  async () => {
    using folder = createFolder();
    await using skiff = new Skiff(argsFor(folder));
    const port = await skiff.listening();
    deploy(folder, "v11", { "index.html": "bad", "_redirects": "/a /b 999\n" });
    const said = 'skiff: Release "v11" is not served: _redirects:1: ';
    await until(() => skiff.stderr.includes(said), said);
    assertEquals(await bodyAt(port, "/"), "ten");
    await skiff.reload('Reloaded release "v10"\n');
    assertEquals(await bodyAt(port, "/"), "ten");
    folder.write("r/v11/_redirects", "");
    await skiff.reload('Reloaded release "v11"\n');
    assertEquals(await bodyAt(port, "/"), "bad");
  },
);

testProgram(
  "a folder that is filled in its place counts after a reload",
  async () => {
    using folder = createFolder();
    await using skiff = new Skiff(argsFor(folder));
    const port = await skiff.listening();
    folder.write("r/v11/index.html", "eleven");
    const said = 'skiff: Release "v11" does not count yet: ';
    await until(() => skiff.stderr.includes(said), said);
    assertEquals(await bodyAt(port, "/"), "ten");
    await skiff.reload('Reloaded release "v11"\n');
    assertEquals(await bodyAt(port, "/"), "eleven");
  },
);

testProgram(
  "a folder counts with its marker only, if --release-marker names one",
  async () => {
    using folder = createFolder();
    folder.write("r/v9/.done", "");
    await using skiff = new Skiff(argsFor(folder, "--release-marker=.done"));
    const port = await skiff.listening();
    assertEquals(await bodyAt(port, "/"), "nine");
    folder.write("r/v10/.done", "");
    await until(() => skiff.stderr.includes('release "v10"'), "the release");
    assertEquals(await bodyAt(port, "/"), "ten");
  },
);

testProgram(
  "a download ends on the bytes it began with, though its release goes away",
  async () => {
    using folder = createFolder();
    const size = 40 * 1024 * 1024;
    folder.write("r/v10/large.bin", new Uint8Array(size).fill(0x61));
    await using skiff = new Skiff(argsFor(folder));
    const port = await skiff.listening();
    const response = await fetch(`http://127.0.0.1:${port}/large.bin`);
    const reader = response.body!.getReader();
    let read = (await reader.read()).value!.length;
    deploy(folder, "v11", { "index.html": "eleven", "large.bin": "other" });
    await until(() => skiff.stderr.includes('release "v11"'), "the release");
    Deno.removeSync(folder.join("r/v10"), { recursive: true });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      assert(value.every((byte) => byte === 0x61));
      read += value.length;
    }
    assertEquals(read, size);
    assertEquals(await bodyAt(port, "/large.bin"), "other");
  },
);

testProgram(
  "metrics name the release, and count older ones by age",
  async () => {
    using folder = createFolder();
    await using skiff = new Skiff(argsFor(folder, "--admin=127.0.0.1:0"));
    const port = await skiff.listening();
    assertEquals(await bodyAt(port, OLD), "old");
    const admin = Number(/health on http:\S+:(\d+)/.exec(skiff.stderr)![1]);
    let body = "";
    const hits = 'skiff_older_release_hits_total{back="1"} 1\n';
    for (const end = Date.now() + 10_000; !body.includes(hits);) {
      assert(Date.now() < end, body);
      ({ body } = await request(admin, "GET", "/metrics"));
    }
    assertStringIncludes(body, 'skiff_release_info{release="v10"} 1\n');
  },
);

testProgram("explain says from which release a name comes", async () => {
  using folder = createFolder();
  const releases = `--releases=${folder.join("r")}`;
  const { stdout } = await runSkiff(["explain", OLD, releases]);
  assertStringIncludes(stdout, "note     release v10; names with a hash also");
  assertStringIncludes(stdout, "text/javascript; charset=UTF-8, of release v9");
});

testProgram(
  "--releases stands alone, and needs a complete release",
  async () => {
    using folder = createFolder();
    const releases = `--releases=${folder.join("r")}`;
    const both = await runSkiff([folder.path, releases]);
    assertEquals(both.code, 2);
    assertStringIncludes(
      both.stderr,
      "Cannot use --releases together with ROOT",
    );
    const live = await runSkiff(["--live", releases]);
    assertStringIncludes(
      live.stderr,
      "Cannot use --releases together with --live",
    );
    const none = await runSkiff([releases, "--release-marker=.done"]);
    assertEquals(none.code, 1);
    assertStringIncludes(none.stderr, "it has no complete release");
  },
);

testPrograms(
  "--release-info tells which release is served, and when another one is",
  CREWS,
  (crew) =>
    `--release-info tells which release is served, and when another one is (${crew})`,
  async (crew) => {
    using folder = createFolder();
    await using skiff = new Skiff(argsFor(folder, "--release-info", crew));
    const port = await skiff.listening();
    const { body } = await request(port, "GET", "/.skiff/release");
    assertEquals(JSON.parse(body).release, "v10");
    const response = await fetch(`http://127.0.0.1:${port}/.skiff/release`, {
      headers: { Accept: "text/event-stream" },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    let text = "";
    const read = async (release: string) => {
      while (!text.includes(`"release":"${release}"`)) {
        const { value, done } = await reader.read();
        assert(!done, text);
        text += value;
      }
    };
    await read("v10");
    deploy(folder, "v11", { "index.html": "eleven" });
    await read("v11");
    await reader.cancel();
  },
);

testProgram("nothing is told of releases without --release-info", async () => {
  using folder = createFolder();
  const args = [`--releases=${folder.join("r")}`, "--port=0"];
  await using skiff = new Skiff(args);
  const port = await skiff.listening();
  assertEquals(await bodyAt(port, "/.skiff/release"), "404");
});

testPrograms(
  "--releases obeys passwords and hints pages, over HTTP/2, too",
  CREWS,
  (crew) =>
    `--releases obeys passwords and hints pages, over HTTP/2, too (${crew})`,
  async (crew) => {
    using folder = createFolder();
    const secret = `/private${OLD}`;
    folder.write("auth", `${ANN_LINE}\n`);
    folder.write(`r/v9${secret}`, "secret");
    folder.write(
      "r/v10/index.html",
      `<!DOCTYPE html><link rel="stylesheet" href="/a.css">`,
    );
    await using skiff = new Skiff(argsFor(
      folder,
      "--release-info",
      `--auth-file=${folder.join("auth")}`,
      "--auth-paths=/private/*",
      "--auth-paths=/.skiff/*",
      "--early-hints",
      "--h2c",
      crew,
    ));
    const port = await skiff.listening();
    await using client = await Http2Client.connect(port);
    const authorization = `Basic ${btoa("ann:secret")}`;
    for (const path of [secret, "/.skiff/release"]) {
      const { status } = await client.request("GET", path);
      assertEquals([path, status], [path, 401]);
    }
    const known = await client.request("GET", secret, { authorization });
    assertEquals([known.status, known.body], [200, "secret"]);
    assertEquals(
      known.fields.get("cache-control"),
      "private, max-age=31536000, immutable",
    );
    const told = await client.request("GET", "/.skiff/release", {
      authorization,
    });
    assertEquals(JSON.parse(told.body).release, "v10");
    // The first response has none yet.
    let link: string | undefined;
    for (const end = Date.now() + 10_000; link === undefined;) {
      assert(Date.now() < end);
      link = (await client.request("GET", "/")).fields.get("link");
    }
    assertStringIncludes(link, "</a.css>");
  },
);
