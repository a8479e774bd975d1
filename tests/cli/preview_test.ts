import { assertEquals, assertThrows } from "@std/assert";
import {
  parsePreview,
  type Preview,
  printPreview,
} from "../../lib/cli/preview.ts";
import { UsageError } from "../../lib/cli/values.ts";
import { CURRENT_NAME } from "../../lib/site/releases/order.ts";

const VALID: Readonly<Record<string, Preview>> = {
  "v12=next.example.com": {
    release: "v12",
    by: "host",
    key: "next.example.com",
  },
  "v1=2=a.example": { release: "v1=2", by: "host", key: "a.example" },
  "*=*.preview.example": {
    release: "*",
    by: "host",
    key: "*.preview.example",
  },
  "v12=cookie:next": { release: "v12", by: "cookie", key: "next" },
  "pr 7.zip=[::1]": { release: "pr 7.zip", by: "host", key: "[::1]" },
};

Deno.test("parsePreview() reads a release and what names it", () => {
  for (const [text, preview] of Object.entries(VALID)) {
    assertEquals(parsePreview(text), preview, text);
    assertEquals(printPreview(preview), text);
  }
});

/** What is no preview, and what the message names as right. */
const INVALID: Readonly<Record<string, string>> = {
  "": "NAME=HOST",
  "v12": "NAME=HOST",
  "=a.example": "NAME=HOST",
  "v12=": "NAME=HOST",
  "../v12=a.example": "the name of a folder or archive",
  ".v12=a.example": "the name of a folder or archive",
  "a/../b=a.example": "the name of a folder or archive",
  "a\\b=a.example": "the name of a folder or archive",
  "v\n12=a.example": "the name of a folder or archive",
  [`${CURRENT_NAME}=a.example`]: "the name of a release: current",
  [`${CURRENT_NAME}=cookie:next`]: "the name of a release: current",
  "v12=cookie:": "a word",
  "v12=cookie:two words": "a word",
  "v12=cookie:a;b": "a word",
  "*=cookie:next": "one release for a cookie",
  "*=a.example": "*=*.HOST",
  "v12=*.a.example": "*=*.HOST",
};

for (const [text, expected] of Object.entries(INVALID)) {
  Deno.test(`parsePreview() refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => parsePreview(text), UsageError, `expected ${expected}`);
  });
}
