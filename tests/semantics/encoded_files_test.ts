import { assertEquals } from "@std/assert";
import { compileRules } from "../../lib/site/rules/rules.ts";
import type { Files } from "../helpers.ts";
import { testRows } from "./stage.ts";

/** What a build such as Unity's leaves behind; what is inside is nobody's business. */
const SITE: Files = {
  "Build/game.wasm.br": "wasm",
  "Build/game.data.unityweb": "data",
  "Build/game.framework.js.gz": "script",
  "Build/style.css.zst": "style",
  "Build/plain.js": "plain",
  "Build/404.html": "missing",
  "a.tar.gz": "tar",
  "typed/game.wasm.br": "wasm",
};

const RULES = compileRules({
  headers: [
    { for: "/Build/*.br", values: [["Content-Encoding", "br"]], where: "a" },
    { for: "/Build/*", values: [["X-Build", "1"]], where: "b" },
    {
      for: "/Build/*.unityweb",
      values: [["content-encoding", "gzip"]],
      where: "c",
    },
    { for: "/Build/*.gz", values: [["Content-Encoding", "gzip"]], where: "d" },
    { for: "/Build/*.zst", values: [["Content-Encoding", "zstd"]], where: "e" },
    { for: "/Build/*.js", values: [["Content-Encoding", "gzip"]], where: "f" },
    {
      for: "/Build/*.html",
      values: [["Content-Encoding", "gzip"]],
      where: "f",
    },
    {
      for: "/typed/*",
      values: [["Content-Encoding", "br"], [
        "Content-Type",
        "application/x-game",
      ]],
      where: "g",
    },
  ],
  redirects: [],
  errorPages: [],
});

const ROWS: readonly (readonly [
  target: string,
  status: number,
  type: string | undefined,
  coding: string | undefined,
])[] = [
  ["/Build/game.wasm.br", 200, "application/wasm", "br"],
  ["/Build/game.data.unityweb", 200, "application/octet-stream", "gzip"],
  [
    "/Build/game.framework.js.gz",
    200,
    "text/javascript; charset=UTF-8",
    "gzip",
  ],
  ["/Build/style.css.zst", 200, "text/css; charset=UTF-8", "zstd"],
  ["/typed/game.wasm.br", 200, "application/x-game", "br"],
  // A name that does not say so is not encoded, whatever a rule says.
  ["/Build/plain.js", 200, "text/javascript; charset=UTF-8", undefined],
  // A download without a rule stays as it is.
  ["/a.tar.gz", 200, "application/gzip", undefined],
  // An error's page is not what the rule speaks of.
  ["/Build/none.wasm.br", 404, "text/html; charset=UTF-8", undefined],
];

testRows(
  "a rule for Content-Encoding",
  SITE,
  ROWS,
  ([target]) => `a rule for Content-Encoding: ${target}`,
  async (stage, [target, status, type, coding]) => {
    assertEquals(RULES.problems, []);
    for (const accepted of ["identity", "gzip, br, zstd"]) {
      const asked = { "Accept-Encoding": accepted };
      const { fields, ...response } = await stage.ask("GET", target, asked);
      assertEquals(response.status, status);
      assertEquals(fields.get("content-type"), type);
      assertEquals(fields.get("content-encoding"), coding);
      if (status !== 200) continue;
      const unmodified = await stage.ask("GET", target, {
        "If-None-Match": fields.get("etag")!,
      });
      assertEquals(unmodified.status, 304);
      assertEquals(unmodified.fields.get("content-encoding"), undefined);
      const partial = await stage.ask("GET", target, { Range: "bytes=0-0" });
      assertEquals(partial.fields.get("content-encoding"), coding);
      assertEquals(partial.fields.get("content-type"), type);
    }
  },
  { policy: { rules: RULES.rules } },
);
