/**
 * A browser for tests: looked for on this machine, started once for a test
 * file, and given to every test with a profile of its own.
 *
 * @module
 */

import { type Chromium, launchChromium } from "./chromium.ts";
import type {
  BrowserContextOptions,
  Locator,
  Page,
  Response,
} from "./playwright.ts";

/** What the library needs beside the browser; "env" and "sys" because it asks about the machine when it is loaded. */
const PERMISSIONS = ["read", "write", "net", "run", "env", "sys"] as const;

/** Where systems install Chromium and its kin. The environment's CHROME_PATH takes their place. */
const BROWSER_PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** How long a page may take for anything, in ms. */
const PATIENCE_MS = 10_000;

function missingPermissions(): string[] {
  return PERMISSIONS.filter((name) =>
    Deno.permissions.querySync({ name }).state !== "granted"
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The browser's path, or why there is none. */
function findBrowser(): { path: string } | { obstacle: string } {
  const missing = missingPermissions();
  if (missing.length > 0) {
    return { obstacle: `no permission: ${missing.join(", ")}` };
  }
  const wished = Deno.env.get("CHROME_PATH");
  const paths = wished === undefined ? BROWSER_PATHS : [wished];
  const path = paths.find(isFile);
  return path === undefined
    ? { obstacle: "no Chromium: name one in CHROME_PATH" }
    : { path };
}

const FOUND = findBrowser();

let chromium: Chromium | undefined;

if ("path" in FOUND) {
  Deno.test.beforeAll(async () => {
    chromium = await launchChromium(FOUND.path);
  });
  Deno.test.afterAll(async () => await chromium?.[Symbol.asyncDispose]());
}

/** Whether this is about the icon that browsers look for by themselves: no page has asked for it. */
export function isFavicon(text: string): boolean {
  return text.includes("/favicon.");
}

/** One page of the browser, and everything that went wrong in it. */
export class Visitor {
  /** The page. */
  readonly page: Page;
  /** Errors in the console (violated policies are among them), of scripts, and of requests. */
  readonly problems: string[] = [];

  /** Begins to watch a page. */
  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      this.#note(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.#note(String(error)));
    page.on("requestfailed", (request) => {
      this.#note(`${request.failure()?.errorText} (${request.url()})`);
    });
    page.on("response", (response) => {
      if (response.status() < 400) return;
      this.#note(`${response.status()} (${response.url()})`);
    });
  }

  #note(problem: string): void {
    if (!isFavicon(problem)) this.problems.push(problem);
  }

  /** Goes to an address, and returns the response that the page is made of. */
  async visit(url: string): Promise<Response> {
    const response = await this.page.goto(url);
    if (response === null) throw new Error(`No response: ${url}`);
    return response;
  }

  /** Follows a link, or the one with exactly this text, and returns the response that the next page is made of. */
  async follow(link: Locator | string): Promise<Response> {
    const locator = typeof link === "string"
      ? this.page.getByRole("link", { name: link, exact: true })
      : link;
    const [response] = await Promise.all([
      this.page.waitForResponse((response) =>
        response.request().isNavigationRequest()
      ),
      this.page.waitForEvent("load"),
      locator.click(),
    ]);
    return response;
  }

  /** What an expression comes to in the page; promises are waited for. */
  evaluate(expression: string): Promise<unknown> {
    return this.page.evaluate(expression);
  }

  /** The texts of all elements that a CSS selector names and that are to be seen. */
  texts(selector: string): Promise<string[]> {
    return this.page.locator(selector).filter({ visible: true })
      .allTextContents();
  }
}

/** A test in a browser with an empty profile, opened with these options. It is reported as ignored, and why, where there is no browser. */
export function browserTest(
  name: string,
  fn: (visitor: Visitor) => Promise<void>,
  options: BrowserContextOptions = {},
): void {
  const note = "obstacle" in FOUND ? ` (${FOUND.obstacle})` : "";
  Deno.test({
    name: `browser: ${name}${note}`,
    ignore: "obstacle" in FOUND,
    // The browser is one for all tests, and so is the reading of what it says, which no single test begins or ends.
    sanitizeOps: false,
    fn: async () => {
      const context = await chromium!.browser.newContext(options);
      try {
        await fn(new Visitor(await context.newPage()));
      } finally {
        await context.close();
      }
    },
  });
}
