import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { copyWelcome } from "../../tools/welcome.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";

const STATIC = fromFileUrl(new URL("../../static", import.meta.url));

for (const command of ["skiff", "npx skiffd"]) {
  testWith(
    HAS_FILES,
    `the welcome page of a package has commands that begin with ${command}`,
    () => {
      using copy = new TemporaryDirectory({});
      copyWelcome(STATIC, copy.path, command);
      const text = Deno.readTextFileSync(copy.join("index.html"));
      const commands = text.split(`<code><span>${command}</span>`).length - 1;
      assertEquals(commands, 3);
      assertEquals(text.includes("deno run"), false);
    },
  );
}
