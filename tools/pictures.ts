/**
 * `deno task pictures [CHROMIUM]`: docs/pictures, made from the real program in a
 * real terminal and a real browser. Needs tmux and Chromium.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { chromium } from "playwright-core";
import { UNLIMITED_FLAGS } from "../lib/cli/permissions.ts";
import { shellWord } from "../lib/cli/shell.ts";
import { screenHtml, TmuxTerminal } from "./pictures/terminal.ts";

const PROJECT = fromFileUrl(new URL("..", import.meta.url));

/** Where the sample is: the path is in the picture. */
const HOME = "/tmp/atlas";

/** How long anything may take, in ms. */
const PATIENCE_MS = 20_000;

/** The folder that is served: what it has, and how large that is, in bytes. */
const FILES: Readonly<Record<string, number>> = {
  "assets/app-3f9a2c1b.js": 184_320,
  "assets/style-b81d04ee.css": 21_400,
  "assets/logo.svg": 2_100,
  "guide/index.html": 9_800,
  "maps/alps.webp": 412_000,
  "maps/andes.webp": 398_000,
  "atlas.pdf": 6_400_000,
  "notes.md": 3_300,
  "robots.txt": 120,
  "tour.mp4": 18_200_000,
};

/** What the browser requests after the listing, in order. */
const VISITS = [
  "/guide/",
  "/assets/app-3f9a2c1b.js",
  "/maps/alps.webp",
  "/maps/ural.webp",
];

function writeSample(): void {
  // Fails where there is something already, which is then not ours.
  Deno.mkdirSync(HOME);
  const day = Date.UTC(2026, 10, 12, 9, 30) / 1000;
  Object.entries(FILES).forEach(([name, bytes], index) => {
    const path = join(HOME, "dist", name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    const text = "<!doctype html><title>Atlas</title>\n";
    const content = new Uint8Array(bytes).fill(0x20);
    new TextEncoder().encodeInto(text, content);
    Deno.writeFileSync(path, content);
    const time = day + index * 93_600;
    for (const each of [path, join(path, "..")]) {
      Deno.utimeSync(each, time, time);
    }
  });
}

/** Waits until the screen shows something, and returns it. */
async function shown(terminal: TmuxTerminal, what: RegExp): Promise<string> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const screen = await terminal.screen();
    // deno-lint-ignore no-control-regex
    const text = screen.replaceAll(/\x1b\[[\d;]*m/g, "");
    if (what.test(text)) return screen;
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

type Browser = Awaited<ReturnType<typeof chromium.launch>>;
type Scheme = "light" | "dark";

async function openPage(
  browser: Browser,
  scheme: Scheme,
  viewport: { width: number; height: number },
) {
  const context = await browser.newContext({
    colorScheme: scheme,
    deviceScaleFactor: 2,
    viewport,
  });
  return await context.newPage();
}

/** Puts a screen and a page side by side, in a file. */
async function compose(
  browser: Browser,
  scheme: Scheme,
  parts: { screen: string; page: Uint8Array; url: string },
): Promise<void> {
  const page = await openPage(browser, scheme, { width: 1300, height: 500 });
  await page.goto(new URL("pictures/picture.html", import.meta.url).href);
  const image = `data:image/png;base64,${parts.page.toBase64()}`;
  await page.evaluate(`
    document.querySelector("#terminal").innerHTML = ${
    JSON.stringify(screenHtml(parts.screen))
  };
    document.querySelector("#address").textContent = ${
    JSON.stringify(parts.url)
  };
    document.querySelector("#page").src = ${JSON.stringify(image)};
    document.querySelector("#page").decode();
  `);
  await page.locator("body").screenshot({
    path: join(PROJECT, `docs/pictures/start-${scheme}.png`),
    omitBackground: true,
  });
  await page.context().close();
}

/** Serves the sample in a terminal, visits it, and makes the picture of both. */
async function takePicture(browser: Browser, scheme: Scheme): Promise<void> {
  const deno = [Deno.execPath(), "run", ...UNLIMITED_FLAGS];
  const command = [...deno, join(PROJECT, "main.ts")].map(shellWord).join(" ");
  await using terminal = await TmuxTerminal.open(
    HOME,
    `skiff() { ${command} "$@"; }`,
  );
  await shown(terminal, /^\$ *$/m);
  await terminal.type("skiff dist");
  const started = await shown(terminal, /http:\/\/\S+:\d+\//);
  const url = /http:\/\/[\w.]+:\d+\//.exec(started)![0];
  const page = await openPage(browser, scheme, { width: 780, height: 624 });
  await page.goto(url);
  const listing = await page.screenshot();
  for (const path of VISITS) {
    await page.request.get(new URL(path, url).href, {
      headers: { referer: url },
    });
  }
  await page.context().close();
  const screen = await shown(terminal, /ural/);
  await compose(browser, scheme, { screen, page: listing, url });
  await terminal.press("C-c");
  await shown(terminal, /\$ *$/);
}

async function main([executablePath = "/usr/bin/chromium"]: readonly string[]) {
  writeSample();
  try {
    Deno.mkdirSync(join(PROJECT, "docs/pictures"), { recursive: true });
    const browser = await chromium.launch({ executablePath });
    try {
      for (const scheme of ["light", "dark"] as const) {
        await takePicture(browser, scheme);
      }
    } finally {
      await browser.close();
    }
  } finally {
    Deno.removeSync(HOME, { recursive: true });
  }
}

if (import.meta.main) await main(Deno.args);
