/**
 * Request-target → Target.
 *
 * @module
 */

import { parseTarget } from "../lib/http/target.ts";
import { keep } from "./keep.ts";

const TARGETS: readonly (readonly [name: string, target: string])[] = [
  ["plain", "/assets/css/site-3f9a2c.css"],
  ["query", "/assets/css/site.css?v=3f9a2c"],
  ["percent-encoded", "/gr%C3%BC%C3%9Fe/%E4%BD%A0%E5%A5%BD%20file.html"],
  ["dot segments", "/assets/./css/../js/../../index.html"],
  ["absolute form", "http://example.test/assets/css/site.css"],
  ["refused: encoded separator", "/assets%2f..%2fsecret"],
  ["8,000 bytes", "/" + "segment/".repeat(1000)],
];

for (const [name, target] of TARGETS) {
  Deno.bench(`parseTarget() ${name}`, { group: "target" }, () => {
    keep(parseTarget("GET", target));
  });
}
