import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkPlanned } from "../../lib/service/check.ts";
import {
  type Files,
  HAS_FILES,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { planFor } from "./plans.ts";

const PAGE = "<!doctype html><html lang=en><title>x</title>";

/** Sites, flags, the exit code and a part of the text. */
const CHECKS: readonly (readonly [
  files: Files,
  flags: readonly (readonly [string, string])[],
  code: number,
  part: string,
])[] = [
  [
    { "index.html": PAGE },
    [],
    0,
    "1 file, 1 document, 0 references: 0 errors, 0 warnings and 1 note\n",
  ],
  [
    { "index.html": `${PAGE}<a href=x>` },
    [],
    1,
    "index.html:1: error dead-link",
  ],
  [
    { "index.html": `${PAGE}<a href=x>` },
    [["ignore", "dead-link"]],
    0,
    "1 finding ignored",
  ],
  [
    { "index.html": `${PAGE}<a href=x>` },
    [["ignore", "dead-link:/index.*"]],
    0,
    "1 finding ignored",
  ],
  [
    { "index.html": `${PAGE}<a href=x>` },
    [["ignore", "dead-link:/other/*"]],
    1,
    "dead-link",
  ],
  [
    { "index.html": `${PAGE}<a href=x>` },
    [["format", "text"], ["format", "json"]],
    1,
    '"rule": "dead-link"',
  ],
  [
    { "index.html": `${PAGE}<a href=x>` },
    [["format", "sarif"]],
    1,
    '"version": "2.1.0"',
  ],
  [{}, [], 1, "error empty-site: there is no file in the site"],
];

for (const [files, flags, code, part] of CHECKS) {
  testWith(
    HAS_FILES,
    `checkPlanned() with ${JSON.stringify(flags)}: ${code}, ${part}`,
    async () => {
      using directory = new TemporaryDirectory(files);
      const result = await checkPlanned(
        planFor(directory.path),
        flags,
        "1.0.0",
      );
      assertEquals(result.code, code);
      assertStringIncludes(result.text, part);
    },
  );
}

testWith(
  HAS_FILES,
  "checkPlanned() checks no other server of a site that names none",
  async () => {
    using directory = new TemporaryDirectory({ "index.html": PAGE });
    const flags = [["external", ""]] as const;
    const { text } = await checkPlanned(planFor(directory.path), flags, "1");
    assertStringIncludes(text, "0 links to other servers");
  },
);
