import { assertEquals } from "@std/assert";
import { attachment } from "../../lib/http/content_disposition.ts";

const CASES: readonly [name: string, file: string, value: string][] = [
  ["a plain name", "a-b_1 (2).zip", 'attachment; filename="a-b_1 (2).zip"'],
  [
    "letters beyond ASCII",
    "Grüße.zip",
    `attachment; filename="Gr__e.zip"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.zip`,
  ],
  [
    "quotes, backslashes and percent signs",
    '"\\%.zip',
    `attachment; filename="___.zip"; filename*=UTF-8''%22%5C%25.zip`,
  ],
  [
    "what ends a parameter or a line",
    ";\r\nSet-Cookie: a=b'*",
    `attachment; filename="___Set-Cookie_ a=b__"; filename*=UTF-8''%3B%0D%0ASet-Cookie%3A%20a%3Db%27%2A`,
  ],
  [
    "half a character",
    "\ud800.zip",
    `attachment; filename="_.zip"; filename*=UTF-8''%EF%BF%BD.zip`,
  ],
];

for (const [name, file, value] of CASES) {
  Deno.test(`attachment() of ${name}`, () => {
    assertEquals(attachment(file), value);
  });
}
