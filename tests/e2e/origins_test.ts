/**
 * Pages of skiff's own in a real browser that reaches no other server: none asks
 * for anything there.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Responder } from "../../lib/respond.ts";
import { adminHandler } from "../../lib/observe/admin/responder.ts";
import { metricMemory } from "../../lib/observe/metric_layout.ts";
import { readMetrics } from "../../lib/observe/metrics.ts";
import { DIRECTORY_DEFAULTS } from "../../lib/site/disk/directory_options.ts";
import { SingleFileSite } from "../../lib/site/disk/single_file.ts";
import { markdownPage } from "../../lib/site/markdown/page.ts";
import { Policy } from "../../lib/site/policy.ts";
import { type Files, TemporaryDirectory } from "../helpers.ts";
import { TestServer, type TestServerOptions } from "../test_server.ts";
import { FACTS } from "../observe/snapshots.ts";
import { browserTest, type Visitor } from "./browser.ts";

const WELCOME = fromFileUrl(new URL("../../static/", import.meta.url));

const HOSTILE = `# Text <script src="//foreign.example/a.js"></script>

![](http://foreign.example/b.png) ![c](//foreign.example/c.png) ![d](d.svg)
[![e](https://foreign.example/e.png)](https://foreign.example/)
<img src="http://foreign.example/f.png"><link rel=stylesheet href=//foreign.example/g.css>
![h]( http://foreign.example/h.png ) ![i](\\\\foreign.example/i.png) ![j](/\\foreign.example/j.png)

[k]: http://foreign.example/k.png
![k]
`;

const FILES: Files = {
  "README.md": HOSTILE,
  "d.svg":
    `<svg xmlns="http://www.w3.org/2000/svg"><image href="http://foreign.example/l.png"/></svg>`,
  '<img src="http:foreign.example">.txt': "",
  "notes.txt": "",
};

/** What the page asked of other servers, which it does not reach. */
async function foreignRequests({ page }: Visitor): Promise<string[]> {
  const asked: string[] = [];
  const isForeign = ({ protocol, hostname }: URL) =>
    protocol !== "data:" && hostname !== "127.0.0.1";
  page.on("request", (request) => {
    if (isForeign(new URL(request.url()))) asked.push(request.url());
  });
  await page.context().route(isForeign, (route) => route.abort());
  return asked;
}

const RESPONDERS: Readonly<
  Record<string, (directory: string) => TestServerOptions>
> = {
  "a Markdown file": (directory) => {
    const site = new SingleFileSite(
      directory,
      "README.md",
      "README.md",
      DIRECTORY_DEFAULTS,
      markdownPage,
    );
    const responder = new Responder(site, new Policy());
    return { respond: (head, now) => responder.respond(head, now) };
  },
  "the admin page": () => {
    const memory = metricMemory(1);
    return {
      respond: adminHandler({
        getMetrics: () => readMetrics(memory, FACTS),
        isOwnHost: () => true,
      }),
    };
  },
};

const PAGES: readonly (readonly [name: string, path: string])[] = [
  ["a listing with a README", "/"],
  ["pictures", "/?view=grid"],
  ["a search", "/?q=foreign"],
  ["an error", "/<img src=http://foreign.example>/x"],
  ["a Markdown file", "/"],
  ["the admin page", "/"],
];

for (const [name, path] of PAGES) {
  browserTest(`${name} asks nothing of other servers`, async (visitor) => {
    using directory = new TemporaryDirectory(FILES);
    const options = RESPONDERS[name]?.(directory.path);
    await using server = new TestServer(directory.path, options);
    const asked = await foreignRequests(visitor);
    await visitor.page.goto(server.url(path), { waitUntil: "networkidle" });
    assertEquals(asked, []);
    const isViolation = (text: string) => text.includes("Security Policy");
    assertEquals(visitor.problems.filter(isViolation), []);
  });
}

for (const path of ["/", "/missing"]) {
  browserTest(
    `the welcome site asks nothing of other servers at ${path}`,
    async (visitor) => {
      await using server = new TestServer(WELCOME);
      const asked = await foreignRequests(visitor);
      await visitor.page.goto(server.url(path), { waitUntil: "networkidle" });
      assertEquals(asked, []);
    },
  );
}
