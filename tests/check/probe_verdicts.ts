/**
 * Tables for the tests of probes: what a server sends, and what a probe says of
 * it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Probe, REPEATED_FIELDS } from "../../lib/check/probe.ts";
import type { ProbeFile } from "../../lib/check/probe_values.ts";
import { splitResponses } from "./exchanges.ts";

/** A file to which most probes apply. */
export const FILE: ProbeFile = {
  host: "a.example",
  target: "/f.txt",
  etag: '"e"',
  modified: "Sat, 01 Jan 2022 00:00:00 GMT",
  fields: new Map([["etag", '"e"'], ["date", "x"]]),
  body: "01234567890123456789",
  hasRanges: true,
  takesContent: true,
  fallback: undefined,
  authorization: undefined,
};

/** A file to which all probes apply. */
export const EVERYTHING: ProbeFile = {
  ...FILE,
  target: "/app/f.txt",
  fields: new Map(REPEATED_FIELDS.map((name) => [name, "x"])),
};

/** Responses, the title of a probe, and its verdict. */
export type Verdicts = readonly (readonly [
  response: string,
  title: string,
  verdict: string | undefined,
])[];

/** Makes a test of each row. */
export function testVerdicts(
  probes: readonly Probe[],
  verdicts: Verdicts,
): void {
  for (const [response, title, verdict] of verdicts) {
    Deno.test(`${title}: ${JSON.stringify(response.slice(0, 60))} is ${verdict ?? "a pass"}`, () => {
      const probe = probes.find((each) => each.title === title)!;
      assertEquals(typeof probe.send(FILE), "string");
      const exchange = splitResponses(response, probe.methods, false);
      assertEquals(probe.judge(exchange, FILE), verdict);
    });
  }
}
