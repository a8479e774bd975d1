/**
 * A deploy while an application is open in a browser: what its users see of it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { pack } from "../../tools/pack.ts";
import { TemporaryDirectory, until } from "../helpers.ts";
import { Skiff } from "../skiff.ts";
import { browserTest, type Visitor } from "./browser.ts";
import { Builds, deploy, OBSTACLE, TEXTS } from "./release_stage.ts";

/** Both builds, made for the first test that asks. */
let builds: Promise<Builds> | undefined;

if (OBSTACLE === undefined) {
  Deno.test.afterAll(async () => (await builds)?.[Symbol.dispose]());
}

function pathOf(name: keyof typeof TEXTS): Promise<string> {
  return (builds ??= Builds.make()).then((all) => all.path(name));
}

/** A test in a browser with the example; ignored where that cannot be built. */
function releaseTest(
  name: string,
  fn: (visitor: Visitor, releases: string) => Promise<void>,
): void {
  if (OBSTACLE !== undefined) {
    return Deno.test({ name: `${name} (${OBSTACLE})`, ignore: true, fn() {} });
  }
  browserTest(name, async (visitor) => {
    using place = new TemporaryDirectory();
    const releases = place.join("releases");
    await deploy(await pathOf("v1"), releases, "v1");
    await fn(visitor, releases);
  });
}

async function shows(visitor: Visitor, text: string): Promise<void> {
  await visitor.page.getByText(text, { exact: true }).waitFor();
}

/** Does something that loads the page, and waits until it hears of releases. */
async function load(visitor: Visitor, act: () => Promise<unknown>) {
  const isTold = visitor.page.waitForResponse((response) =>
    response.url().endsWith("/.skiff/release")
  );
  await act();
  await isTold;
  await visitor.page.waitForFunction(
    "document.querySelector('output')?.textContent === ''",
  );
}

function press(visitor: Visitor, name: string): Promise<void> {
  return visitor.page.getByRole("button", { name }).click();
}

releaseTest(
  "an open page finds its parts after a deploy, and asks for a reload",
  async (visitor, releases) => {
    await using skiff = new Skiff([
      `--releases=${releases}`,
      "--release-info",
      "--port=0",
    ]);
    const url = `http://127.0.0.1:${await skiff.listening()}/`;
    await load(visitor, () => visitor.visit(url));
    assertEquals(await visitor.texts("#news"), []);

    await deploy(await pathOf("v2"), releases, "v2");
    await visitor.page.locator("#news").waitFor();
    await press(visitor, "Show the tides");
    await shows(visitor, TEXTS.v1);
    assertEquals(visitor.problems, []);
    const part = await visitor.evaluate(
      `performance.getEntriesByType("resource")
        .find(({ name }) => name.includes("/tides-")).name`,
    );
    const { body, headers } = await fetch(`${part}`);
    await body?.cancel();
    assertEquals(
      headers.get("cache-control"),
      "public, max-age=31536000, immutable",
    );

    await load(visitor, () => press(visitor, "Reload"));
    await press(visitor, "Show the tides");
    await shows(visitor, TEXTS.v2);
    assertEquals(await visitor.texts("#news"), []);

    // A step back: the page of the later release finds its part as well.
    await load(visitor, () => visitor.visit(url));
    Deno.writeTextFileSync(`${releases}/.current`, "v1\n");
    Deno.renameSync(`${releases}/.current`, `${releases}/current`);
    await visitor.page.locator("#news").waitFor();
    await press(visitor, "Show the tides");
    await shows(visitor, TEXTS.v2);
    await load(visitor, () => press(visitor, "Reload"));
    await press(visitor, "Show the tides");
    await shows(visitor, TEXTS.v1);
    const isOfEvents = (text: string) => text.includes("/.skiff/release");
    assertEquals(visitor.problems.filter((text) => !isOfEvents(text)), []);
  },
);

releaseTest(
  "without --releases an open page does not find its parts after a deploy",
  async (visitor, releases) => {
    await deploy(await pathOf("v2"), releases, "v2");
    const link = `${releases}/.site`;
    Deno.symlinkSync("v1", link);
    await using skiff = new Skiff([link, "--port=0"]);
    const url = `http://127.0.0.1:${await skiff.listening()}/`;
    await visitor.visit(url);
    Deno.symlinkSync("v2", `${link}.new`);
    Deno.renameSync(`${link}.new`, link);
    const served = async () => await (await fetch(url)).text();
    const page = Deno.readTextFileSync(`${releases}/v2/index.html`);
    for (let i = 0; i < 50 && await served() !== page; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    visitor.problems.length = 0;
    await press(visitor, "Show the tides");
    const isMissing = (text: string) => /^404 \(.*\/tides-/.test(text);
    await until(() => visitor.problems.some(isMissing), "the error");
    assertEquals(await visitor.texts("output"), []);
  },
);

releaseTest(
  "an open page finds its parts in the next archive that was packed with its own",
  async (visitor) => {
    using place = new TemporaryDirectory({ "r/.keep": "" });
    const packed = async (name: keyof typeof TEXTS, ...older: string[]) =>
      await pack({
        folder: await pathOf(name),
        output: place.join(`r/${name}.skiff`),
        target: undefined,
        older: older.map((each) => place.join(each)),
      });
    await packed("v1");
    const releases = `--releases=${place.join("r")}`;
    await using skiff = new Skiff([releases, "--release-info", "--port=0"]);
    const url = `http://127.0.0.1:${await skiff.listening()}/`;
    await load(visitor, () => visitor.visit(url));
    await packed("v2", "r/v1.skiff");
    Deno.removeSync(place.join("r/v1.skiff"));
    await visitor.page.locator("#news").waitFor();
    await press(visitor, "Show the tides");
    await shows(visitor, TEXTS.v1);
    assertEquals(visitor.problems, []);
  },
);
