/**
 * A handler of releases with previews, and who asks it.
 *
 * @module
 */

import { parsePreview } from "../../lib/cli/preview.ts";
import type { Options } from "../../lib/cli/options.ts";
import { Access } from "../../lib/service/access.ts";
import { openHandler, partsOf } from "../../lib/service/handler.ts";
import { prepareRoot } from "../../lib/service/open_site.ts";
import { PreviewHandler } from "../../lib/service/previews.ts";
import { chooseReleases } from "../../lib/service/releases.ts";
import {
  type PlanHandler,
  SiteHandler,
} from "../../lib/service/site_handler.ts";
import type { SitePools } from "../../lib/site/disk/pools.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { headOf } from "../access/head.ts";
import { type Files, TemporaryDirectory, textOf } from "../helpers.ts";
import { planFor } from "./plans.ts";

/** A name with a hash, which two releases have. */
export const HASHED = "/app-1f0c9a7e.js";

/** A folder of releases, two of which cannot be shown. */
export const FILES: Files = {
  "v10/index.html": "ten",
  "v10/plain.js": "ten",
  "v10/fresh.js": "ten",
  "v10/_headers": "/fresh.js\n  Cache-Control: public, max-age=600\n",
  [`v10${HASHED}`]: "shared",
  "v9/index.html": "nine",
  "v9/plain.js": "nine",
  "v9/sub/a.txt": "a",
  "v9/private/a.txt": "private",
  "v9/_headers": "/*\n  X-Release: nine\n  Cache-Control: max-age=600\n",
  "v9/_redirects": "/old /plain.js 301\n",
  [`v9${HASHED}`]: "shared",
  "v11/index.html": "eleven",
  "v11/_redirects": "/a /b 999\n",
  "v12/.hidden": "",
};

/** A handler of releases, of which v10 is served. */
export class PreviewStage implements Disposable {
  private constructor(
    readonly folder: TemporaryDirectory,
    readonly handler: PlanHandler,
    readonly warnings: readonly string[],
    readonly counted: readonly string[],
  ) {}

  static async open(
    previews: readonly string[],
    options: Partial<Options> = {},
    files: Files = FILES,
    pools?: SitePools,
  ): Promise<PreviewStage> {
    const folder = new TemporaryDirectory({ ...files, "current": "v10" });
    const base = planFor(folder.path, {
      options: {
        root: undefined,
        releases: folder.path,
        preview: previews.map(parsePreview),
        ...options,
      },
      credentials: options.authFile && ANN_LINE,
    });
    const { plan } = await chooseReleases(base, undefined, () => true);
    const warnings: string[] = [];
    const counted: string[] = [];
    const observer = {
      onRefusal: (cause: string) => void counted.push(cause),
      onWarning: (text: string) => void warnings.push(text),
      onPreview: (by: string) => void counted.push(by),
      isLasting: true,
    };
    await prepareRoot(plan);
    const handler = pools === undefined
      ? openHandler(plan, observer, await partsOf(plan))
      // Only what is served gets the room: it passes it on.
      : new PreviewHandler(
        plan,
        observer,
        new SiteHandler(plan, observer, { access: new Access(plan), pools }),
      );
    return new PreviewStage(folder, handler, warnings, counted);
  }

  async ask(
    target: string,
    host: string,
    fields: Readonly<Record<string, string>> = {},
  ) {
    const lines = Object.entries({ Host: host, ...fields })
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const head = headOf(`GET ${target} HTTP/1.1\r\n${lines}\r\n`);
    const client = {
      peer: "127.0.0.1",
      address: "",
      isTls: false,
      isSender: true,
    };
    // Beyond the time that a file counts as being written.
    const now = Date.now() + 60_000;
    const { status, fields: section, body } = await this.handler
      .respond(head, now, client);
    const [first] = body;
    const field = (name: string) =>
      section.lines.find(([each]) => each.toLowerCase() === name)?.[1];
    const text = first instanceof Uint8Array ? textOf(first) : "";
    return { status, text, field };
  }

  [Symbol.dispose](): void {
    this.handler.close();
    this.folder[Symbol.dispose]();
  }
}
