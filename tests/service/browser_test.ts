import { assertEquals, assertStringIncludes } from "@std/assert";
import { shellWord } from "../../lib/cli/shell.ts";
import { openBrowser } from "../../lib/service/browser.ts";
import { HAS_PROGRAMS, TemporaryDirectory, testWith } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";

const URL = "http://localhost:8000/";

/** A script in place of what opens a browser. */
function script(directory: TemporaryDirectory, text: string): string {
  directory.write("open", `#!/bin/sh\n${text}\n`);
  Deno.chmodSync(directory.join("open"), 0o755);
  return directory.join("open");
}

testWith(
  HAS_PROGRAMS && IS_UNIX,
  "openBrowser() gives the program the URL, and waits for no browser",
  async () => {
    using directory = new TemporaryDirectory();
    const out = directory.join("out");
    const program = script(directory, `echo "$@" >${shellWord(out)}`);
    assertEquals(await openBrowser(URL, [program, "-u"]), undefined);
    assertEquals(Deno.readTextFileSync(out), `-u ${URL}\n`);
  },
);

testWith(
  HAS_PROGRAMS && IS_UNIX,
  "openBrowser() says why it could not",
  async () => {
    using directory = new TemporaryDirectory();
    const program = script(directory, "exit 3");
    assertStringIncludes(
      await openBrowser(URL, [program]) ?? "",
      "failed with code 3; visit http://localhost:8000/",
    );
    assertEquals(
      await openBrowser(URL, [directory.join("none")]),
      `Cannot open a browser: there is no ${
        directory.join("none")
      }; visit ${URL}`,
    );
  },
);
