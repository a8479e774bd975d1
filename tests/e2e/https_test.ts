/**
 * `--https=DIR` with the programs that people have: a browser that trusts the
 * authority, and curl.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { HAS_PROGRAMS, TemporaryDirectory, testWith } from "../helpers.ts";
import { programPath } from "../programs.ts";
import { ALL, Skiff } from "../skiff.ts";
import { launchChromium } from "./chromium.ts";

/** A site with an authority in a folder of its own. */
class Stage implements AsyncDisposable {
  readonly folder = new TemporaryDirectory({
    "site/index.html": "<!doctype html><title>Safe</title>",
  });
  readonly keys: string = this.folder.join("keys");
  readonly skiff: Skiff = new Skiff(
    [this.folder.join("site"), "--port=0", "--log=off", `--https=${this.keys}`],
    [...ALL, `--allow-write=${this.keys}`],
  );

  async [Symbol.asyncDispose](): Promise<void> {
    await this.skiff[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

const BROWSER = programPath("chromium") ?? programPath("google-chrome");
const CERTUTIL = programPath("certutil");

/** Adds an authority to the ones that Chromium trusts for a home directory. */
async function trust(certutil: string, home: string, path: string) {
  const database = `${home}/.pki/nssdb`;
  Deno.mkdirSync(database, { recursive: true });
  for (
    const args of [
      ["-N", "--empty-password"],
      ["-A", "-t", "C,,", "-n", "skiff", "-i", path],
    ]
  ) {
    const { success } = await new Deno.Command(certutil, {
      args: ["-d", `sql:${database}`, ...args],
    }).output();
    assertEquals(success, true);
  }
}

testWith(
  BROWSER !== undefined && CERTUTIL !== undefined,
  "a browser that trusts the authority shows the site without a warning (needs chromium and certutil)",
  async () => {
    await using stage = new Stage();
    const port = await stage.skiff.listening();
    const home = stage.folder.join("home");
    await trust(CERTUTIL!, home, `${stage.keys}/authority.pem`);
    await using chromium = await launchChromium(BROWSER!, { HOME: home });
    const page = await chromium.browser.newPage();
    for (const host of ["localhost", "127.0.0.1"]) {
      const response = await page.goto(`https://${host}:${port}/`);
      assertEquals(response?.status(), 200);
      assertEquals(await page.title(), "Safe");
      const facts = await page.evaluate(
        "[isSecureContext, performance.getEntriesByType('navigation')[0].nextHopProtocol]",
      );
      assertEquals(facts, [true, "h2"]);
    }
  },
);

testWith(
  HAS_PROGRAMS && programPath("curl") !== undefined,
  "curl takes the authority, and no other (needs curl)",
  async () => {
    await using stage = new Stage();
    const port = await stage.skiff.listening();
    const ask = async (...args: string[]) => {
      const { code, stdout } = await new Deno.Command("curl", {
        args: [
          "-s",
          "-w",
          " %{http_version}",
          ...args,
          `https://localhost:${port}/`,
        ],
      }).output();
      return `${code} ${new TextDecoder().decode(stdout)}`;
    };
    const said = await ask("--cacert", `${stage.keys}/authority.pem`);
    assertStringIncludes(said, "<title>Safe</title> 2");
    assertEquals((await ask()).startsWith("60 "), true);
  },
);
