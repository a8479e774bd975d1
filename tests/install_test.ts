/**
 * The program as `deno install` puts it on a machine.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import project from "../deno.json" with { type: "json" };
import { request, TemporaryDirectory, until, within } from "./helpers.ts";
import { ALL, testProgram } from "./skiff.ts";

const PROJECT = fromFileUrl(new URL("..", import.meta.url));

/** Installs the program as the README says; returns the path of the command. */
async function install(directory: TemporaryDirectory): Promise<string> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "install",
      "-g",
      ...ALL,
      "--config",
      "deno.json",
      "-n",
      "skiff",
      "main.ts",
    ],
    cwd: PROJECT,
    env: { DENO_INSTALL_ROOT: directory.path, NO_COLOR: "1" },
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  return directory.join("bin/skiff");
}

/** The command needs a `deno` that it can find. */
function env(): Record<string, string> {
  const folder = Deno.execPath().replace(/\/[^/]+$/, "");
  return { PATH: `${folder}:${Deno.env.get("PATH") ?? ""}`, NO_COLOR: "1" };
}

testProgram(
  "an installed skiff runs from anywhere, also with several workers",
  async () => {
    using directory = new TemporaryDirectory({ "site/a.txt": "a" });
    const skiff = await install(directory);
    const version = await new Deno.Command(skiff, {
      args: ["-V"],
      cwd: directory.path,
      env: env(),
    }).output();
    const text = new TextDecoder().decode(version.stdout);
    assertStringIncludes(text, `skiff ${project.version}\n`);

    const child = new Deno.Command(skiff, {
      args: ["site", "--port=0", "--workers=2", "--log=off"],
      cwd: directory.path,
      env: env(),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let told = "";
    const reading = child.stderr.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (chunk) => void (told += chunk) }));
    try {
      const line = /^Listening on http:\/\/127\.0\.0\.1:(\d+)\/$/m;
      await until(() => line.test(told), "the start");
      const port = Number(line.exec(told)![1]);
      assertEquals((await request(port, "GET", "/a.txt")).body, "a");
    } finally {
      child.kill("SIGTERM");
      await within(child.status, "the end", 30_000);
      await reading;
    }
  },
);
