/**
 * What a program that follows links makes of listings: GNU Wget.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { TemporaryDirectory } from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { testAgainst } from "../programs.ts";

/** Paths of the files in a folder and below it, sorted. */
function filesIn(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? filesIn(`${folder}/${name}`, `${prefix}${name}/`)
      : [prefix + name]
  ).sort();
}

/** Runs wget on a URL with the options given, and returns the files that it stored. */
async function mirror(
  wget: string,
  url: string,
  options: readonly string[],
): Promise<string[]> {
  using copy = new TemporaryDirectory({});
  const { success, stderr } = await new Deno.Command(wget, {
    args: [
      "--no-config",
      "-nv",
      "-nH",
      "-t",
      "1",
      "-T",
      "10",
      "-P",
      copy.path,
      ...options,
    ]
      .concat(url),
    stdout: "null",
  }).output();
  const stored = filesIn(copy.path);
  assertEquals(success, true, new TextDecoder().decode(stderr));
  return stored;
}

const FILES = {
  "docs/a.txt": "a",
  "docs/b c.txt": "b",
  "docs/d.pdf": "d",
  "docs/deep/e.txt": "e",
};

const PAGES = ["docs/deep/index.html", "docs/index.html"];

testAgainst("wget", "wget -r -np keeps each listing once", async (wget) => {
  using directory = new TemporaryDirectory(FILES);
  await using server = new TestServer(directory.path);
  const stored = await mirror(wget, server.url("/docs/"), ["-r", "-np"]);
  assertEquals(stored, [...Object.keys(FILES), ...PAGES].sort());
  const targets = server.exchanges.map(({ requestLine }) => requestLine);
  assertEquals(targets.filter((line) => line?.includes("?")), []);
});

testAgainst(
  "wget",
  "wget -r of a site keeps each listing once",
  async (wget) => {
    using directory = new TemporaryDirectory(FILES);
    await using server = new TestServer(directory.path);
    const stored = await mirror(wget, server.url("/"), ["-r"]);
    const site = stored.filter((path) => !path.startsWith(".skiff/"));
    assertEquals(
      site,
      [...Object.keys(FILES), ...PAGES, "index.html"].sort(),
    );
  },
);
