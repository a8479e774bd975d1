/**
 * The npm package, as people install it: in an empty folder, from its tarball.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { shellWord } from "../../lib/cli/shell.ts";
import { makePackage } from "../../tools/npm.ts";
import { request, TemporaryDirectory, until, within } from "../helpers.ts";
import { testAgainst } from "../programs.ts";
import { HAS_TERMINALS, Terminal } from "../terminal.ts";

/** How long npm may take, in ms: it downloads Deno. */
const INSTALL_MS = 180_000;

/** Installs the package in a directory; returns the path of its command. */
async function install(npm: string, directory: TemporaryDirectory) {
  const run = async (args: readonly string[], cwd: string) => {
    const { success, stderr } = await within(
      new Deno.Command(npm, { args: [...args], cwd, stdin: "null" }).output(),
      `npm ${args[0]}`,
      INSTALL_MS,
    );
    assertEquals(success, true, new TextDecoder().decode(stderr));
  };
  await makePackage(directory.join("package"));
  Deno.mkdirSync(directory.join("empty"));
  await run(
    ["pack", "--pack-destination", directory.path],
    directory.join("package"),
  );
  const tarball = `skiffd-${project.version}.tgz`;
  await run(
    ["install", "--no-audit", "--no-fund", directory.join(tarball)],
    directory.join("empty"),
  );
  return directory.join("empty/node_modules/.bin/skiff");
}

/** Runs the command to its end. */
async function runCommand(command: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Has a shell run the command as a background job of a terminal, and tries whether it answers. */
async function serveInBackground(command: string, cwd: string) {
  const job = [command, "site", "--port=0", "--log=off"].map(shellWord);
  const script = `cd ${shellWord(cwd)}; set -m; ${
    job.join(" ")
  } & read line; kill %1; wait`;
  await using terminal = new Terminal(`bash -c ${shellWord(script)}`);
  const line = /Local: +http:\/\/localhost:(\d+)\/ /;
  await until(() => line.test(terminal.text), "the start");
  const { status } = await within(
    request(Number(line.exec(terminal.text)![1]), "GET", "/a.txt"),
    "an answer of the job",
  );
  await terminal.type("\n");
  await within(terminal.ended(), "the end of the job");
  return status;
}

/** Starts the command in a directory, and stops it when `use` is done. */
async function serve(
  command: string,
  args: readonly string[],
  cwd: string,
  use: (
    child: Deno.ChildProcess,
    told: () => string,
    port: number,
  ) => Promise<void>,
): Promise<void> {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  let told = "";
  const reading = child.stderr.pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream({ write: (chunk) => void (told += chunk) }));
  try {
    const line = /^Listening on http:\/\/127\.0\.0\.1:(\d+)\/$/m;
    await until(() => line.test(told), "the start");
    await use(child, () => told, Number(line.exec(told)![1]));
  } finally {
    child.kill("SIGTERM");
    const status = await within(child.status, "the end", 20_000);
    assertEquals(status.code, 0);
    await reading;
  }
}

testAgainst(
  "npm",
  "the npm package serves, reloads and stops, and reads nothing else",
  async (npm) => {
    using directory = new TemporaryDirectory({
      "my site, new/a b.txt": "a",
      "work/site/a.txt": "a",
      "secret/users": "ann:x",
    });
    const skiff = await install(npm, directory);
    const welcome = Deno.readTextFileSync(
      directory.join("package/skiff/static/index.html"),
    );
    assertStringIncludes(welcome, "<code><span>npx skiffd</span>");
    const site = directory.join("my site, new");
    for (
      const [args, code, text] of [
        [["--version"], 0, new RegExp(`^skiff ${project.version}\n`)],
        [["--help"], 0, /^skiff: a static file web server\n/],
        [["--prot", "80"], 2, /did you mean --port\?/],
        [[directory.join("none")], 1, /it does not exist/],
        [["explain", "/a%20b.txt", site], 0, /a file, 1 bytes/],
      ] as const
    ) {
      const run = await runCommand(skiff, args);
      assertEquals(run.code, code, run.stderr);
      assertMatch(run.stdout + run.stderr, text);
    }
    const args = ["my site, new", "--port=0", "--log=off", "--workers=2"];
    await serve(skiff, args, directory.path, async (child, told, port) => {
      assertEquals((await request(port, "GET", "/a%20b.txt")).body, "a");
      directory.write("skiff.json", '{"header": ["X-New: 1"]}');
      child.kill("SIGHUP");
      await until(() => told().includes("Reloaded"), "the reload");
      const { fields } = await request(port, "GET", "/a%20b.txt");
      assertEquals(fields.get("x-new"), "1");
    });
    // Reading keys would stop it.
    if (HAS_TERMINALS) {
      assertEquals(
        await serveInBackground(skiff, directory.join("work")),
        200,
      );
    }
    // Named when it is too late to be granted: the program asks for it, and gets nothing.
    const limited = ["site", "--port=0", "--log=off"];
    await serve(skiff, limited, directory.join("work"), async (child, told) => {
      const config = JSON.stringify({ authFile: "../secret/users" });
      directory.write("work/skiff.json", config);
      child.kill("SIGHUP");
      await until(() => told().includes("without permission"), "the refusal");
      assertStringIncludes(told(), directory.join("secret/users"));
    });
  },
);
