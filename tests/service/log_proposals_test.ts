/**
 * The redirects that `skiff check --log` proposes, written into the site that
 * they are for: each leads to a page of it, and nothing else changes.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { follow } from "../../lib/check/answer.ts";
import { encodePath } from "../../lib/http/target.ts";
import { openCheckedSite } from "../../lib/service/checked_site.ts";
import { checkLog } from "../../lib/service/check_log.ts";
import {
  HAS_FILES,
  numberFrom,
  Random,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { planFor } from "./plans.ts";

/** Names that mean something in rules, in addresses or on terminals. */
const STEMS = [
  "about",
  "About",
  "a*b",
  ":splat",
  "*",
  "a:b",
  "a b",
  "a#b",
  "a?b",
  "a%2Fb",
  "a%5Cb",
  "\\evil.example",
  "evil.example",
  "@evil.example",
  "https:",
  "é",
  "a\u202eb",
  "a\nb",
  "a\t301",
  "!",
  "a&b=c",
  "index",
  "app.1f0c9a7e",
  "app-BmOXrCbS",
];

const EXTENSIONS = [".html", ".php", "", ".js", ".css", ".htm"];
const DIRECTORIES = ["/", "/docs/", "/evil.example/", "/a b/", "//", "/docs//"];

/** How many sites are tried. */
const ROUNDS = numberFrom("FUZZ_ROUNDS", 3_000) / 100;

/** Makes a file, or no file where the name is that of a directory. */
function make(directory: TemporaryDirectory, path: string): void {
  try {
    directory.write(path.slice(1), `${path}\n`);
  } catch {
    // A directory has this name.
  }
}

/** What a site answers to paths, without the rule that decided. */
async function answers(root: string, targets: readonly string[]) {
  using site = await openCheckedSite(planFor(root));
  const ends = [];
  for (const target of targets) {
    ends.push(
      await follow((at, asker) => site.open(at, asker), target, "document"),
    );
  }
  return { ends, files: site.files };
}

testWith(
  HAS_FILES,
  "proposed redirects lead to pages, and change nothing else",
  async () => {
    const random = new Random(20261127);
    let proposed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      using directory = new TemporaryDirectory({});
      const name = () =>
        [DIRECTORIES, STEMS, EXTENSIONS].map((parts) =>
          parts[random.below(parts.length)]
        ).join("");
      for (let i = 0; i < 20; i++) {
        make(directory, name().replaceAll(/\/{2,}/g, "/"));
      }
      const gone = Array.from({ length: 60 }, name);
      const log = gone.map((path) =>
        JSON.stringify({ method: "GET", target: encodePath(path), status: 200 })
      ).join("\n");
      using place = new TemporaryDirectory({ "access.log": log });
      const { text } = await checkLog(
        place.join("access.log"),
        planFor(directory.path),
        [["format", "json"]],
      );
      const { redirects } = JSON.parse(text) as {
        redirects: readonly { readonly path: string; readonly line: string }[];
      };
      const { files } = await answers(directory.path, []);
      const own = files.map(encodePath);
      const before = await answers(directory.path, own);
      directory.write(
        "_redirects",
        redirects.map(({ line }) => line).join("\n"),
      );
      assertEquals(await answers(directory.path, own), before);
      const targets = redirects.map(({ path }) => encodePath(path));
      const { ends } = await answers(directory.path, targets);
      for (const [index, end] of ends.entries()) {
        const { status, count, isExternal, isLoop } = end;
        assertEquals(
          { status, count, isExternal, isLoop },
          { status: 200, count: 1, isExternal: false, isLoop: false },
          redirects[index]!.line,
        );
      }
      proposed += redirects.length;
    }
    assertEquals(proposed > ROUNDS, true);
  },
);
