/**
 * A listing in a real browser with keys alone, and as a screen reader gets it.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, type Visitor } from "./browser.ts";
import { focused, onListing, PICTURE, press } from "./listing_stage.ts";

browserTest("keys find, open and leave a folder", async (visitor) => {
  await onListing(visitor, "/", async (url) => {
    const { page } = visitor;
    await press(visitor, "ArrowDown");
    assertEquals(await focused(visitor), "docs/");
    await press(visitor, "ArrowDown");
    assertEquals(await focused(visitor), "music/");
    await press(visitor, "End", "ArrowDown");
    assertEquals(await focused(visitor), "README.md");
    await press(visitor, "Home", "ArrowUp");
    assertEquals(await page.evaluate("document.activeElement.id"), "query");
    await press(visitor, "ArrowDown", "/");
    await page.keyboard.type("oc");
    await page.getByText("1 of 10 shown.").waitFor();
    await press(visitor, "ArrowDown", "Enter");
    await page.waitForURL(url("/docs/"));
    await press(visitor, "ArrowDown", "ArrowDown");
    assertEquals(await focused(visitor), "deep/");
    await press(visitor, "Backspace");
    await page.waitForURL(url("/"));
    assertEquals(await focused(visitor), "docs/");
  });
});

/** What in the page has the focus, if it is not seen: there is no outline around it, nor around its row. */
const UNSEEN_FOCUS = `(() => {
  const { activeElement } = document;
  if (activeElement === document.body) return undefined;
  const styles = [getComputedStyle(activeElement), getComputedStyle(activeElement, "::after")];
  const isSeen = styles.some(({ outlineStyle, outlineWidth }) =>
    outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
  return isSeen ? undefined : activeElement.outerHTML.slice(0, 200);
})()`;

/** Presses Tab until something of this role and name has the focus, which is always seen. */
async function tabTo(
  visitor: Visitor,
  role: "button" | "link" | "searchbox",
  name: string,
): Promise<void> {
  const { page } = visitor;
  const wanted = page.getByRole(role, { name, exact: true }).and(
    page.locator(":focus"),
  );
  for (let steps = 0; await wanted.count() === 0; steps++) {
    assert(steps < 30, `no Tab leads to the ${role} "${name}"`);
    await press(visitor, "Tab");
    assertEquals(await visitor.evaluate(UNSEEN_FOCUS), undefined);
  }
}

browserTest(
  "every action can be done with keys alone, and the focus is seen",
  async (visitor) => {
    await onListing(visitor, "/", async (url) => {
      const { page } = visitor;
      const query = () => new URL(page.url()).search;
      await tabTo(visitor, "button", "Size");
      await press(visitor, "Enter");
      await page.waitForURL(url("/?order=desc&sort=size"));
      assertEquals(await focused(visitor), "Size");
      await press(visitor, "Space");
      await page.waitForURL(url("/?order=asc&sort=size"));
      await tabTo(visitor, "link", "notes one.txt");
      await press(visitor, "Space", "Tab");
      const pane = page.getByRole("complementary", { name: "notes one.txt" });
      await pane.getByText("one <b>two</b>").waitFor();
      assertEquals(await focused(visitor), "Open the file");
      await press(visitor, "Shift+Tab");
      assertEquals(await focused(visitor), "notes one.txt");
      await press(visitor, "Tab");
      await tabTo(visitor, "button", "Close");
      await press(visitor, "Enter");
      assertEquals(await pane.count(), 0);
      assertEquals(await focused(visitor), "notes one.txt");
      await page.reload();
      await tabTo(visitor, "button", "Show pictures");
      await press(visitor, "Enter");
      await page.waitForURL(/view=grid/);
      assertEquals(await focused(visitor), "Show a list");
      await tabTo(visitor, "link", `b.svg ${PICTURE.length} B`);
      await press(visitor, "Enter");
      const dialog = page.getByRole("dialog", { name: "Pictures" });
      await dialog.getByText("b.svg, 2 of 3").waitFor();
      await tabTo(visitor, "button", "Next");
      await press(visitor, "Enter");
      await dialog.getByText("c.svg, 3 of 3").waitFor();
      await tabTo(visitor, "button", "Close");
      await press(visitor, "Space");
      // The event that moves the focus comes after the end of the dialog.
      await page.locator(".grid a:focus").getByText("c.svg").waitFor();
      assertEquals(await dialog.count(), 0);
      await press(visitor, "/");
      await page.keyboard.type("inside");
      await press(visitor, "Enter");
      await page.getByRole("link", { name: "docs/deep/inside.txt" }).waitFor();
      assertStringIncludes(query(), "sort=size");
      await tabTo(visitor, "link", "Show the folder");
      await press(visitor, "Enter");
      await page.waitForURL(url("/?sort=size&order=asc&view=grid"));
      const download = page.waitForEvent("download");
      await tabTo(visitor, "button", "Download as ZIP");
      await press(visitor, "Enter");
      assertEquals((await download).suggestedFilename(), "files.zip");
      await (await download).cancel();
      // A download is a page that the browser does not go to.
      const left = `net::ERR_ABORTED (${url("/?download=zip")})`;
      assertEquals(visitor.problems.splice(0), [left]);
    });
  },
);

browserTest("a screen reader gets names, roles and states", async (visitor) => {
  await onListing(visitor, "/docs/", async (url) => {
    const table = await visitor.page.locator("body").ariaSnapshot();
    for (
      const part of [
        'navigation "Breadcrumbs"',
        'heading "docs" [level=1]',
        'searchbox "Search names"',
        'button "Download as ZIP"',
        'table "Contents of /docs/, folders first"',
        'link "Parent directory"',
        'link "deep/"',
        'button "Preview notes two.txt"',
      ]
    ) assertStringIncludes(table, part);
    await press(visitor, "End", "Space");
    await visitor.page.locator(".preview pre").getByText("two").waitFor();
    const pane = await visitor.page.getByRole("complementary").ariaSnapshot();
    for (
      const part of [
        'complementary "notes two.txt"',
        'heading "notes two.txt" [level=2]',
        'link "Open the file"',
        'button "Close"',
      ]
    ) assertStringIncludes(pane, part);
    await visitor.visit(url("/?view=grid&sort=size"));
    const grid = await visitor.page.locator("body").ariaSnapshot();
    for (
      const part of [
        'button "Show a list"',
        'list "Sort by"',
        'button "Size ascending"',
        'list "Contents of /, folders first"',
      ]
    ) assertStringIncludes(grid, part);
    await visitor.page.getByRole("link", { name: "a.svg" }).click();
    const dialog = await visitor.page.getByRole("dialog").ariaSnapshot();
    for (
      const part of [
        'dialog "Pictures"',
        'img "a.svg"',
        "a.svg, 1 of 3",
        'button "Previous"',
        'button "Next"',
        'link "Open the file"',
        'button "Close"',
      ]
    ) assertStringIncludes(dialog, part);
    assert(!dialog.includes("figure"));
    assertEquals(await focused(visitor), "Close");
  });
});
