import { assertStringIncludes } from "@std/assert";
import type { Options } from "../../lib/cli/options.ts";
import { explain } from "../../lib/service/explain.ts";
import { prepareRoot } from "../../lib/service/open_site.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { planFor, releaseAt, setOf } from "./plans.ts";

/** Paths of skiff's own under options, headers, and what is said of the reply. */
const OWN: readonly (readonly [
  target: string,
  options: Partial<Options>,
  fields: readonly (readonly [string, string])[],
  said: readonly string[],
])[] = [
  [
    "/.skiff/release",
    { releaseInfo: true },
    [],
    ["service  skiff itself", "HTTP/1.1 200 OK", "application/json"],
  ],
  [
    "/.skiff/release",
    { releaseInfo: true },
    [["Accept", "text/event-stream"]],
    ["answer   events", "text/event-stream", "(a body without a known end)"],
  ],
  ["/.skiff/release", {}, [], ["HTTP/1.1 404 Not Found"]],
  ["/.skiff/live", { live: true }, [], ["answer   events", "no-store"]],
  ["/.skiff/live.js", { live: true }, [], ["text/javascript", "no-store"]],
  ["/", { live: true }, [], ["HTTP/1.1 200 OK", "Cache-Control: no-store"]],
  ["/.skiff/live", {}, [], ["HTTP/1.1 404 Not Found"]],
];

for (const [target, options, fields, said] of OWN) {
  testWith(
    HAS_FILES,
    `explain() says what skiff itself replies at ${target}: ${
      JSON.stringify([options, fields])
    }`,
    async () => {
      using directory = new TemporaryDirectory({ "v1/index.html": "<p>home" });
      const plan = planFor(directory.join("v1"), { options });
      const releases = setOf([releaseAt(plan.root)]);
      const full = options.live ? plan : { ...plan, releases };
      await prepareRoot(full);
      const text = await explain(full, target, fields);
      for (const part of said) assertStringIncludes(text, part);
    },
  );
}
