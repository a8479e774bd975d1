import { assertEquals } from "@std/assert";
import {
  follow,
  headersOf,
  isPageType,
  REDIRECTS_MAX,
} from "../../lib/check/answer.ts";
import { answerOf } from "./answers.ts";

/** Locations by target, and where a walk from /1 ends. */
const WALKS: readonly (readonly [
  name: string,
  locations: (target: string) => string | undefined,
  end: Partial<Awaited<ReturnType<typeof follow>>>,
])[] = [
  ["no redirect", () => undefined, { target: "/1", count: 0 }],
  ["one", (at) => at === "/1" ? "/2?x" : undefined, {
    target: "/2?x",
    count: 1,
  }],
  ["a relative one", (at) => at === "/1" ? "2" : undefined, {
    target: "/2",
    count: 1,
  }],
  ["to itself", () => "/1", { isLoop: true }],
  ["in a circle", (at) => at === "/1" ? "/2" : "/1", { isLoop: true }],
  ["without an end", (at) => `${at}1`, { isLoop: true, count: REDIRECTS_MAX }],
  ["to elsewhere", () => "https://a.example/", { isExternal: true }],
  ["to nowhere", () => "http://[", { isExternal: true }],
];

for (const [name, locations, end] of WALKS) {
  Deno.test(`follow(): ${name}`, async () => {
    const found = await follow(
      (target) => {
        const location = locations(target);
        return answerOf(
          location === undefined ? {} : { status: 301, location },
        );
      },
      "/1",
      "document",
    );
    assertEquals({ ...found, ...end }, found);
    assertEquals(found.isLoop, end.isLoop ?? false);
  });
}

Deno.test("headersOf() finds all lines of a header", () => {
  const lines = [["A", "1"], ["B", "2"], ["a", "3"]] as const;
  assertEquals(headersOf({ lines }, "a"), ["1", "3"]);
  assertEquals(headersOf({ lines }, "c"), []);
});

/** Types, and whether they are those of pages. */
const TYPES: readonly (readonly [type: string, isPage: boolean])[] = [
  ["text/html", true],
  ["Text/HTML ; charset=UTF-8", true],
  ["application/xhtml+xml", true],
  ["text/html-template", false],
  ["application/xml", false],
  ["", false],
];

for (const [type, isPage] of TYPES) {
  Deno.test(`isPageType() of "${type}": ${isPage}`, () => {
    assertEquals(isPageType(type), isPage);
  });
}
