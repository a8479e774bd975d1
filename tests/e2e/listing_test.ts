/**
 * A listing in a real browser: its filter and search, pictures, previews, and
 * without script.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TemporaryDirectory } from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { browserTest } from "./browser.ts";
import { FILES, focused, onListing, PICTURE, press } from "./listing_stage.ts";

browserTest(
  "the filter comes back with Back, and stays where it finds something",
  async (visitor) => {
    await onListing(visitor, "/", async (url) => {
      const { page } = visitor;
      const filter = page.getByLabel("Search names");
      await filter.fill("o");
      await visitor.follow("docs/");
      assertEquals(await filter.inputValue(), "o");
      assertEquals(await visitor.texts(".entries a bdi"), ["notes two.txt"]);
      await page.goBack();
      await page.waitForURL(url("/"));
      assertEquals(await filter.inputValue(), "o");
      await page.getByText("3 of 10 shown.").waitFor();
      await filter.fill("mus");
      await visitor.follow("music/");
      assertEquals(await filter.inputValue(), "");
      assertEquals(await visitor.texts(".entries a bdi"), ["song.mp3"]);
      await visitor.visit(url("/docs/"));
      assertEquals(await filter.inputValue(), "");
    });
  },
);

browserTest(
  "Enter in the filter searches below, in the order that was chosen",
  async (visitor) => {
    await onListing(visitor, "/?sort=size&order=desc", async (url) => {
      const { page } = visitor;
      await page.getByLabel("Search names").fill("inside");
      await press(visitor, "Enter");
      await page.getByRole("link", { name: "docs/deep/inside.txt" }).waitFor();
      assertEquals(new URL(page.url()).searchParams.get("sort"), "size");
      await visitor.follow("Show the folder");
      assertEquals(page.url(), url("/?sort=size&order=desc"));
      await visitor.follow("docs/");
      assertEquals(page.url(), url("/docs/?sort=size&order=desc"));
    });
  },
);

browserTest(
  "pictures are shown as a grid, and one by one with keys",
  async (visitor) => {
    await onListing(visitor, "/", async (url) => {
      const { page } = visitor;
      await visitor.follow(page.getByRole("button", { name: "Show pictures" }));
      assertEquals(page.url(), url("/?view=grid"));
      assertEquals(await page.locator(".grid img").count(), 3);
      await press(visitor, "ArrowRight", "ArrowRight", "ArrowRight");
      assertEquals(await focused(visitor), "a.svg");
      await press(visitor, "Enter");
      const dialog = page.getByRole("dialog");
      await dialog.getByText("a.svg, 1 of 3").waitFor();
      await press(
        visitor,
        "ArrowRight",
        "ArrowRight",
        "ArrowRight",
        "ArrowLeft",
      );
      await dialog.getByText("c.svg, 3 of 3").waitFor();
      const alt = await dialog.getByRole("img").getAttribute("alt");
      assertEquals(alt, "c.svg");
      // The focus stays inside.
      for (let i = 0; i < 7; i++) {
        await press(visitor, "Tab");
        assert(
          await page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null",
          ),
        );
      }
      await press(visitor, "Escape");
      // The event that moves the focus comes after the end of the dialog.
      await page.locator(".grid a:focus").getByText("c.svg").waitFor();
      assertEquals(await dialog.count(), 0);
      await visitor.follow("docs/");
      assertEquals(page.url(), url("/docs/?view=grid"));
    });
  },
);

browserTest(
  "a text is previewed beside the list, its beginning only",
  async (visitor) => {
    await onListing(visitor, "/", async () => {
      const { page } = visitor;
      const pane = page.getByRole("complementary");
      await page.getByRole("link", { name: "notes one.txt" }).focus();
      await press(visitor, "Space");
      await pane.getByText("one <b>two</b>").waitFor();
      assertEquals(await focused(visitor), "notes one.txt");
      await press(visitor, "ArrowDown");
      await pane.getByText("This is not text.").waitFor();
      await page.getByRole("link", { name: "long.txt" }).focus();
      await pane.getByText("The beginning of the file:").waitFor();
      const length =
        "document.querySelector('.preview pre').textContent.length";
      assertEquals(await page.evaluate(length), 65_536);
      await press(visitor, "Escape");
      assertEquals(await pane.isVisible(), false);
      assertEquals(await focused(visitor), "long.txt");
      await page.getByRole("button", { name: "Preview notes one.txt" }).click();
      await pane.getByText("one <b>two</b>").waitFor();
      await pane.getByRole("button", { name: "Close" }).click();
      assertEquals(await focused(visitor), "notes one.txt");
    });
  },
);

browserTest(
  "a picture that cannot be shown has the icon of one",
  async (visitor) => {
    const files = { "broken.png": "no picture", "drawn.svg": PICTURE };
    using directory = new TemporaryDirectory(files);
    await using server = new TestServer(directory.path);
    const { page } = visitor;
    await visitor.visit(server.url("/?view=grid"));
    const images = page.locator(".grid img");
    await images.nth(1).waitFor({ state: "detached" });
    assertEquals(await images.getAttribute("src"), "./drawn.svg");
    await page.getByRole("link", { name: "broken.png" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("broken.png, 1 of 2: this picture cannot be shown")
      .waitFor();
    assertEquals(await dialog.locator("img").isVisible(), false);
    await press(visitor, "ArrowRight");
    await dialog.getByText("drawn.svg, 2 of 2").waitFor();
    assertEquals(await dialog.locator("img").isVisible(), true);
  },
);

browserTest(
  "the browser lays out only the names that are seen",
  async (visitor) => {
    const names = Array.from({ length: 2_000 }, (_, i) => `file ${i}.txt`);
    const files = Object.fromEntries(names.map((name) => [name, ""]));
    using directory = new TemporaryDirectory(files);
    await using server = new TestServer(directory.path);
    const { page } = visitor;
    await visitor.visit(server.url("/"));
    const last = page.locator(".entries a").last();
    const isLaidOut = () =>
      last.evaluate((link: { checkVisibility(options: unknown): boolean }) =>
        link.checkVisibility({ contentVisibilityAuto: true })
      );
    assertEquals(await isLaidOut(), false);
    await press(visitor, "End");
    assertEquals(await focused(visitor), "file 1999.txt");
    // Two frames later.
    await visitor.evaluate(
      "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))",
    );
    assertEquals(await isLaidOut(), true);
    await page.getByLabel("Search names").fill("1234");
    await page.getByText("1 of 2,000 shown.").waitFor();
    assertEquals(await visitor.texts(".entries a bdi"), ["file 1234.txt"]);
  },
);

browserTest("an empty text says so", async (visitor) => {
  using directory = new TemporaryDirectory(FILES);
  await using server = new TestServer(directory.path);
  await visitor.visit(server.url("/"));
  await visitor.page.getByRole("link", { name: "empty.txt" }).focus();
  await press(visitor, "Space");
  await visitor.page.getByText("This file is empty.").waitFor();
});

browserTest(
  "the whole row is the link, and begins high on the page",
  async (visitor) => {
    await visitor.page.setViewportSize({ width: 1280, height: 800 });
    await onListing(visitor, "/docs/", async (url) => {
      const { page } = visitor;
      const first = page.locator(".entries tbody tr").first();
      assert((await first.boundingBox())!.y < 170);
      const row = page.locator(".entries tbody tr").nth(1);
      const { x, y, width, height } = (await row.boundingBox())!;
      await page.mouse.click(x + width - 5, y + height / 2);
      await page.waitForURL(url("/docs/deep/"));
    });
  },
);

browserTest("a README is shown below, and runs nothing", async (visitor) => {
  await onListing(visitor, "/", async (url) => {
    const { page } = visitor;
    const readme = page.getByRole("region", { name: "README.md" });
    const text = await readme.textContent();
    assertStringIncludes(text!, "About");
    assertStringIncludes(text!, "<script>alert(1)</script>");
    await visitor.follow(readme.getByRole("link", { name: "docs" }));
    assertEquals(page.url(), url("/docs/"));
  });
});

browserTest(
  "without script everything but the extras works",
  async (visitor) => {
    await onListing(visitor, "/", async (url) => {
      const { page } = visitor;
      assertEquals(
        await page.locator(".keys, .look").filter({ visible: true }).count(),
        0,
      );
      await visitor.follow(page.getByRole("button", { name: "Size" }));
      await visitor.follow(page.getByRole("button", { name: "Show pictures" }));
      assertEquals(
        page.url(),
        url("/?sort=size&order=desc&view=grid"),
      );
      await visitor.follow("docs/");
      await page.getByLabel("Search names").fill("inside");
      await press(visitor, "Enter");
      await page.getByRole("link", { name: "deep/inside.txt" }).waitFor();
      await visitor.follow("Home");
      assertEquals(page.url(), url("/?sort=size&order=desc&view=grid"));
      const picture = await visitor.follow(page.locator("a.image").first());
      assertStringIncludes(picture.headers()["content-type"]!, "image/svg+xml");
    });
  },
  { javaScriptEnabled: false },
);

browserTest(
  "a page that is not there names itself, and leads to the nearest folder",
  async (visitor) => {
    using directory = new TemporaryDirectory(FILES);
    await using server = new TestServer(directory.path);
    const missing = "/docs/%3Cimg%20src=x%20onerror=alert(1)%3E/x.html";
    const response = await visitor.visit(server.url(missing));
    assertEquals(response.status(), 404);
    const text = await visitor.page.locator("main").textContent();
    assertStringIncludes(text!, "/docs/<img src=x onerror=alert(1)>/x.html");
    assertEquals(await visitor.evaluate("document.images.length"), 0);
    await visitor.follow("/docs/");
    assertEquals(visitor.page.url(), server.url("/docs/"));
    // The browser reports a page of an error twice.
    assertEquals(visitor.problems.length, 2);
  },
);
