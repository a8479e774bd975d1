import { assertEquals } from "@std/assert";
import { shellWord } from "../../lib/cli/shell.ts";
import { HAS_PROGRAMS, testWith } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";

const ROWS: readonly (readonly [text: string, word: string])[] = [
  ["/srv/www-1.2_b", "/srv/www-1.2_b"],
  ["[::1]:8000", "'[::1]:8000'"],
  ["", "''"],
  ["my site", "'my site'"],
  ["it's", `'it'\\''s'`],
  ["$(touch /tmp/x)", "'$(touch /tmp/x)'"],
  ['`id`; rm -rf ~ #&|<>*?!\\"', "'`id`; rm -rf ~ #&|<>*?!\\\"'"],
  ["~", "'~'"],
  ["日本", "'日本'"],
];

for (const [text, word] of ROWS) {
  Deno.test(`shellWord() of ${text}`, () => {
    assertEquals(shellWord(text), word);
  });

  testWith(
    HAS_PROGRAMS && IS_UNIX,
    `a shell reads shellWord() as ${text}`,
    () => {
      const { stdout } = new Deno.Command("sh", {
        args: ["-c", `printf %s ${word}`],
      }).outputSync();
      assertEquals(new TextDecoder().decode(stdout), text);
    },
  );
}
