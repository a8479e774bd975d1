/**
 * What the tests use of the library that drives the browser. Loading it takes permissions, so
 * `browser.ts` does that late; of types it may be asked at once.
 *
 * @module
 */

export {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
  type Response,
} from "playwright-core";
