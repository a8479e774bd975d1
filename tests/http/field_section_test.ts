import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { FieldSection } from "../../lib/http/field_section.ts";

Deno.test("FieldSection keeps its lines in order", () => {
  const lines = [["ETag", '"a"'], ["Vary", "b, c"], ["X-Empty", ""]] as const;
  assertEquals(new FieldSection(lines).lines, lines);
  assertEquals(new FieldSection([]).lines, []);
});

for (let code = 0; code < 0x80; code++) {
  const isControl = code < 0x20 || code === 0x7f;
  if (!isControl || code === 0x09) continue;
  const control = String.fromCharCode(code);
  Deno.test(`FieldSection refuses the control character ${code}`, () => {
    for (
      const text of [control, `a${control}`, `${control}a`, `a${control}b`]
    ) {
      const make = (...lines: [string, string][]) =>
        assertThrows(() => new FieldSection(lines), Error, "control character");
      make(["X", text]);
      make([text, "x"]);
      make(["X", "x"], ["Y", text]);
    }
  });
}

Deno.test("FieldSection refuses a value that would begin a line of its own", () => {
  for (const value of ["a\r\nX: y", "a\nX: y", "a\rX: y", "\r\n\r\n<h1>"]) {
    assertThrows(
      () => new FieldSection([["Location", value]]),
      Error,
      "Location",
    );
  }
});

Deno.test("FieldSection.with() adds lines at the end and leaves the section as it is", () => {
  const section = new FieldSection([["A", "1"]]);
  const more = section.with([["B", "2"], ["C", "3"]]);
  assertEquals(more.lines, [["A", "1"], ["B", "2"], ["C", "3"]]);
  assertEquals(section.lines, [["A", "1"]]);
  assertStrictEquals(section.with([]), section);
  assertThrows(() => section.with([["B", "\n"]]), Error, "control character");
});
