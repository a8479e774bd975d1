/**
 * Previews in a browser: no cache of it mixes two releases.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { TemporaryDirectory } from "../helpers.ts";
import { Skiff } from "../skiff.ts";
import { browserTest } from "./browser.ts";

/** A release whose rules allow everything to be stored. */
function filesOf(name: string): Readonly<Record<string, string>> {
  return {
    [`r/${name}/index.html`]:
      `<!DOCTYPE html><title>a</title><script src="/a.js"></script><p>${name}`,
    [`r/${name}/a.js`]: `script = "${name}";`,
    [`r/${name}/_headers`]: "/*\n  Cache-Control: max-age=600\n",
  };
}

browserTest(
  "a browser never mixes a preview with what is served",
  async (visitor) => {
    using folder = new TemporaryDirectory({
      ...filesOf("v1"),
      ...filesOf("v2"),
    });
    await using skiff = new Skiff([
      `--releases=${folder.join("r")}`,
      "--preview=v1=cookie:old",
      "--preview=v1=old.localhost",
      "--port=0",
    ]);
    const port = await skiff.listening();
    const see = async (host: string) => {
      await visitor.visit(`http://${host}:${port}/`);
      return [await visitor.texts("p"), await visitor.evaluate("script")];
    };
    const setCookie = (value: string) =>
      visitor.evaluate(`void (document.cookie = "skiff-preview=${value}")`);
    for (let round = 0; round < 3; round++) {
      assertEquals(await see("localhost"), [["v2"], "v2"]);
      await setCookie("old; path=/");
      assertEquals(await see("localhost"), [["v1"], "v1"]);
      await setCookie("; path=/; max-age=0");
      assertEquals(await see("localhost"), [["v2"], "v2"]);
      assertEquals(await see("old.localhost"), [["v1"], "v1"]);
    }
    assertEquals(visitor.problems, []);
  },
);
