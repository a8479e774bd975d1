/**
 * Pages that reload, in a browser: `skiff dev` as people use it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { PAIRS, putPair, tlsArgs } from "../certificates.ts";
import { TemporaryDirectory } from "../helpers.ts";
import { browserTest, type Visitor } from "./browser.ts";
import {
  BACKGROUND,
  becomes,
  COLOR,
  connected,
  COUNTER,
  FILES,
  html,
  loads,
  pause,
  Stage,
  TEXT,
} from "./live_stage.ts";

browserTest(
  "a page reloads when its file changes, and keeps its place",
  async (visitor) => {
    await using stage = await Stage.open();
    const { page } = visitor;
    await visitor.visit(stage.url("/"));
    await connected(page);
    await page.evaluate("scrollTo(0, 2000)");
    const before = FILES["index.html"];
    stage.folder.write("index.html", before.replace("first", "second"));
    await becomes(page, TEXT, "second");
    await becomes(page, "Math.round(scrollY)", 2000);
    assertEquals(await loads(page), 2);
    // The page is as its author wrote it.
    assertEquals(await page.evaluate("document.scripts.length"), 1);
  },
);

browserTest(
  "a listing that reloads keeps the focus on its entry, and on its field",
  async (visitor) => {
    await using stage = await Stage.open({ "a.txt": "a", "b.txt": "b" });
    const { page } = visitor;
    await visitor.visit(stage.url("/"));
    const entries = "document.querySelectorAll('a[href$=\".txt\"]').length";
    const focused = "document.activeElement.getAttribute('href') ?? " +
      "document.activeElement.name";
    const targets = [["b.txt", "a[href$='b.txt']"], ["q", "[name=q]"]];
    for (const [index, [name, selector]] of targets.entries()) {
      await connected(page);
      await page.evaluate(`document.querySelector("${selector}").focus()`);
      const before = await page.evaluate(focused);
      assertEquals(String(before).endsWith(name!), true);
      const count = Number(await page.evaluate(entries));
      stage.folder.write(`a${index}.txt`, "");
      await becomes(page, `${entries} > ${count}`, true);
      await becomes(page, focused, before);
    }
  },
);

browserTest(
  "a style sheet is swapped without a reload, also one that is imported",
  async (visitor) => {
    await using stage = await Stage.open();
    const { page } = visitor;
    await visitor.visit(stage.url("/"));
    await connected(page);
    await page.evaluate("scrollTo(0, 2000)");
    for (const red of [10, 11]) {
      stage.folder.write("a.css", FILES["a.css"].replace("1,", `${red},`));
      await becomes(page, COLOR, `rgb(${red}, 0, 0)`);
      await becomes(page, BACKGROUND, `rgb(${red === 10 ? 2 : 20}, 0, 0)`);
      stage.folder.write("deep.css", FILES["deep.css"].replace("2,", "20,"));
      await becomes(page, BACKGROUND, "rgb(20, 0, 0)");
    }
    await becomes(page, "document.querySelectorAll('link').length", 1);
    assertEquals(await page.evaluate("scrollY"), 2000);
    assertEquals(await loads(page), 1);
    // Playwright waits for more of the worker's script, which the page has.
    const isReal = (text: string) => !text.includes("ERR_ABORTED");
    assertEquals(visitor.problems.filter(isReal), []);
  },
);

browserTest(
  "pages reload for what they have loaded, or may have, and for nothing else",
  async (visitor) => {
    await using stage = await Stage.open();
    const { page } = visitor;
    await visitor.visit(stage.url("/"));
    await connected(page);
    stage.folder.write("other/index.html", "<p>changed");
    stage.folder.write("unused.css", "p {}");
    stage.folder.write("unused.png", "");
    await pause(500);
    assertEquals(await loads(page), 1);
    stage.folder.write("count.js", COUNTER + "//");
    await becomes(page, "sessionStorage.loads", "2");
    await connected(page);
    stage.folder.write("other/data.json", "{}");
    await becomes(page, "sessionStorage.loads", "3");
  },
);

browserTest("a build of 2,000 files makes one reload", async (visitor) => {
  await using stage = await Stage.open();
  const { page } = visitor;
  await visitor.visit(stage.url("/"));
  await connected(page);
  for (let number = 0; number < 2000; number++) {
    stage.folder.write(`build/${number % 20}/${number}.js`, `${number}`);
  }
  await becomes(page, "sessionStorage.loads", "2");
  await pause(1000);
  assertEquals(await loads(page), 2);
});

browserTest("ten tabs are live, over one connection", async ({ page }) => {
  await using stage = await Stage.open();
  const tabs = [page];
  while (tabs.length < 10) tabs.push(await page.context().newPage());
  for (const tab of tabs) await tab.goto(stage.url("/"));
  await Promise.all(tabs.map((tab) => connected(tab)));
  const text = FILES["index.html"].replace("first", "second");
  stage.folder.write("index.html", text);
  await Promise.all(tabs.map((tab) => becomes(tab, TEXT, "second")));
});

/** What a browser may lack, and what pages do without it. */
const LACKS = {
  "SharedWorker": "one of them has the connection",
  "SharedWorker, navigator.locks": "each that is seen has one",
};

for (const [lack, what] of Object.entries(LACKS)) {
  browserTest(`without ${lack}: ${what}`, async ({ page }) => {
    await using stage = await Stage.open();
    const isLocked = !lack.includes("locks");
    await page.context().addInitScript(`delete globalThis.SharedWorker;
      ${isLocked ? "" : "delete Navigator.prototype.locks;"}`);
    const tabs = [page];
    while (tabs.length < (isLocked ? 10 : 4)) {
      tabs.push(await page.context().newPage());
    }
    for (const tab of tabs) await tab.goto(stage.url("/"));
    await pause(1000);
    const text = FILES["index.html"].replace("first", "second");
    stage.folder.write("index.html", text);
    await Promise.all(tabs.map((tab) => becomes(tab, TEXT, "second")));
  });
}

browserTest(
  "a restart without a change reloads nothing; one with a change does",
  async ({ page }) => {
    await using stage = await Stage.open();
    await page.goto(stage.url("/"));
    await connected(page);
    await stage.restart(() => {});
    await pause(2500);
    assertEquals(await loads(page), 1);
    const text = FILES["index.html"].replace("first", "second");
    await stage.restart(() => stage.folder.write("index.html", text));
    await becomes(page, TEXT, "second");
  },
);

browserTest(
  "what could not be loaded is loaded again when the server is back",
  async ({ page }) => {
    await using stage = await Stage.open({
      "index.html": html("<title>t</title>", "<p>a</p>"),
      "count.js": COUNTER,
      "late.js": "document.title = 'loaded'",
    });
    await page.goto(stage.url("/"));
    await connected(page);
    await stage.restart(async () => {
      await page.evaluate(`new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = "/late.js";
      script.onerror = resolve;
      document.body.append(script);
    })`);
    });
    await becomes(page, "sessionStorage.loads", "2");
  },
);

browserTest(
  "a missing page appears when it is written, a listing shows what is new",
  async ({ page }) => {
    await using stage = await Stage.open({ "docs/a.txt": "a" });
    await page.goto(stage.url("/later"));
    await becomes(
      page,
      "document.querySelector('h1').textContent",
      "404 Not Found",
    );
    await pause(500);
    stage.folder.write("later.html", "<p>now</p>");
    await becomes(page, TEXT, "now");
    await page.goto(stage.url("/docs/"));
    await connected(page);
    stage.folder.write("docs/b.txt", "b");
    await becomes(page, "document.body.textContent.includes('b.txt')", true);
  },
);

browserTest("pages reload without a watch as well", async ({ page }) => {
  await using stage = await Stage.open(FILES, ["--no-watch"]);
  await page.goto(stage.url("/"));
  await connected(page);
  const text = FILES["index.html"].replace("first", "second");
  stage.folder.write("index.html", text);
  await becomes(page, TEXT, "second");
});

browserTest("pages reload when there are several workers", async ({ page }) => {
  await using stage = await Stage.open(FILES, ["--workers=2"]);
  await page.goto(stage.url("/"));
  await connected(page);
  const text = FILES["index.html"].replace("first", "second");
  stage.folder.write("index.html", text);
  await becomes(page, TEXT, "second");
});

browserTest(
  "pages reload over HTTP/2",
  async (visitor: Visitor) => {
    const { page } = visitor;
    using keys = new TemporaryDirectory();
    putPair(keys, PAIRS[0]!);
    await using stage = await Stage.open(FILES, tlsArgs(keys));
    await page.goto(`https://127.0.0.1:${stage.port}/`);
    const protocol = await page.evaluate(
      "performance.getEntriesByType('navigation')[0].nextHopProtocol",
    );
    assertEquals(protocol, "h2");
    await connected(page);
    const text = FILES["index.html"].replace("first", "second");
    stage.folder.write("index.html", text);
    await becomes(page, TEXT, "second");
  },
  { ignoreHTTPSErrors: true },
);
