import { assertEquals } from "@std/assert";
import { filledLines, type ProbeFile } from "../../lib/check/probe_values.ts";
import { FILE as PROBE_FILE } from "./probe_verdicts.ts";

const FILE: ProbeFile = {
  ...PROBE_FILE,
  etag: '"aB-1"',
  modified: "Sun, 06 Nov 1994 08:49:37 GMT",
};

/** What a line becomes; or why it does not. */
function filled(line: string, file: ProbeFile = FILE): string {
  const lines = filledLines([line], file);
  return "skip" in lines ? lines.skip : lines.join();
}

Deno.test("filledLines() writes dates in all three forms (RFC 9110 §5.6.7)", () => {
  assertEquals(filled("A: {date}"), "A: Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(
    filled("A: {date of RFC 850}"),
    "A: Sunday, 06-Nov-94 08:49:37 GMT",
  );
  assertEquals(filled("A: {date of asctime}"), "A: Sun Nov  6 08:49:37 1994");
  assertEquals(filled("A: {later date}"), "A: Sun, 06 Nov 1994 08:50:37 GMT");
});

Deno.test("filledLines() writes the tag and the length of the file", () => {
  assertEquals(filled("A: x, {etag}, {weak etag}"), 'A: x, "aB-1", W/"aB-1"');
  assertEquals(filled("A: {etag in other case}"), 'A: "Ab-1"');
  assertEquals(filled("A: {part of etag}"), 'A: "aB-"');
  assertEquals(filled("A: {length}-{length + 9}"), "A: 20-29");
});

Deno.test("filledLines() takes nothing in the values for one of them", () => {
  assertEquals(
    filled("A: {etag}", { ...FILE, etag: '"{date}"' }),
    'A: "{date}"',
  );
});

Deno.test("filledLines() says what the file lacks, its tag first", () => {
  const weak = { ...FILE, etag: 'W/"x"' };
  const bare = { ...FILE, etag: undefined, modified: undefined };
  assertEquals(filled("{strong etag}", weak), "the file has only a weak ETag");
  assertEquals(filled("{etag}", bare), "the file has no ETag");
  assertEquals(filled("{date}", bare), "the file has no Last-Modified");
  assertEquals(filled("{earlier date}{etag}", bare), "the file has no ETag");
  for (const etag of ['"1-2"', 'W/"1-2"']) {
    assertEquals(
      filled("{etag in other case}", { ...FILE, etag }),
      "the tag has no letters",
    );
  }
});
