/**
 * A site as documentation tools build them, in a browser over HTTP/2.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { bytesOf, Random, textOf, utf8 } from "../helpers.ts";
import type { Visitor } from "./browser.ts";
import { browserHttp2Test, Stage, UNTRUSTED } from "./http2_stage.ts";
import { WASM, wav } from "./samples.ts";

const RANDOM = new Random(17);

/** Chapters: each is a page with a stylesheet, a script, two images and data of its own. */
const CHAPTERS = 60;

function words(count: number): string {
  return Array.from(
    { length: count },
    () => RANDOM.below(36 ** 5).toString(36),
  ).join(" ");
}

/** A picture of random colours in the BMP format, 24 bits a pixel. */
function bitmap(width: number, height: number): Uint8Array<ArrayBuffer> {
  const rowBytes = Math.ceil(3 * width / 4) * 4;
  const bytes = RANDOM.bytes(54 + rowBytes * height);
  const view = new DataView(bytes.buffer);
  bytes.fill(0, 0, 54);
  bytes.set(bytesOf("BM"));
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true); // where the pixels begin
  view.setUint32(14, 40, true); // length of this header
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true); // planes
  view.setUint16(28, 24, true); // bits of a pixel
  return bytes;
}

/** The files of the site, from some bytes to some hundred KiB. */
function createFiles(): Record<string, Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {
    "media/sound.wav": wav(2),
    "media/answer.wasm": WASM,
  };
  const heads: string[] = [];
  const bodies: string[] = [];
  for (let chapter = 0; chapter < CHAPTERS; chapter++) {
    const long = 10 + 97 * chapter;
    files[`styles/${chapter}.css`] = utf8(
      `.c${chapter} { width: ${chapter}px } /* ${words(long)} */`,
    );
    files[`scripts/${chapter}.js`] = utf8(
      `globalThis.loaded = (globalThis.loaded ?? 0) + 1; /* ${words(long)} */`,
    );
    files[`images/${chapter}.svg`] = utf8(
      `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><!-- ${
        words(long)
      } --></svg>`,
    );
    files[`images/${chapter}.bmp`] = bitmap(4 + chapter, 8 + 3 * chapter);
    files[`data/${chapter}.json`] = utf8(JSON.stringify(words(long)));
    files[`chapters/${chapter}.html`] = utf8(
      `<!doctype html><title>${chapter}</title><p>${words(long)}`,
    );
    heads.push(`<link rel="stylesheet" href="/styles/${chapter}.css">`);
    bodies.push(
      `<img src="/images/${chapter}.svg"><img src="/images/${chapter}.bmp">` +
        `<script type="module" src="/scripts/${chapter}.js"></script>` +
        `<iframe src="/chapters/${chapter}.html"></iframe>`,
    );
  }
  files["index.html"] = utf8(
    `<!doctype html><html lang="en"><title>Book</title>${heads.join("")}${
      bodies.join("\n")
    }`,
  );
  return files;
}

/** Fetches what no element loads. */
const FETCH_REST = `(async (paths) => {
  for (let at = 0; at < paths.length; at += 40) {
    const some = paths.slice(at, at + 40);
    await Promise.all(some.map(async (path) => (await fetch(path)).arrayBuffer()));
  }
  return { scripts: globalThis.loaded, images: [...document.images].filter((each) => each.naturalWidth > 0).length };
})`;

browserHttp2Test(
  "a documentation site of 360 files loads over HTTP/2, every byte right, and no bound is reached",
  async (visitor: Visitor) => {
    const files = createFiles();
    await using stage = await Stage.open(files);
    const got = new Map<string, Promise<Uint8Array>>();
    visitor.page.on("response", (response) => {
      const { pathname } = new URL(response.url());
      got.set(pathname.slice(1) || "index.html", response.body());
    });
    await visitor.visit(stage.url("/"));
    const rest = Object.keys(files).filter((name) =>
      name.startsWith("data/") || name.startsWith("media/")
    ).map((name) => `/${name}`);
    assertEquals(
      await visitor.evaluate(`${FETCH_REST}(${JSON.stringify(rest)})`),
      { scripts: CHAPTERS, images: 2 * CHAPTERS },
    );
    assertEquals(visitor.problems, []);
    for (const [name, bytes] of Object.entries(files)) {
      const body = await got.get(name);
      assert(body !== undefined, `${name} was not loaded`);
      assert(textOf(new Uint8Array(body)) === textOf(bytes), name);
    }
    assertEquals(await stage.bounds(), {});
    const metrics = await stage.metrics();
    assertEquals(metrics.get("skiff_http2_connections"), 1);
    const answers = metrics.get(
      'skiff_requests_by_version_total{version="HTTP/2.0"}',
    )!;
    assert(answers >= Object.keys(files).length, `${answers} answers`);
    const log = await stage.log();
    const lines = log.trimEnd().split("\n");
    assertEquals(lines.filter((line) => !line.includes("HTTP/2.0")), []);
  },
  UNTRUSTED,
);

browserHttp2Test(
  "103 Early Hints reach a page before its response",
  async (visitor: Visitor) => {
    await using stage = await Stage.open({
      "index.html": utf8(
        `<!doctype html><html lang="en"><title>Hints</title><link rel="stylesheet" href="/a-4fG8kQz1.css">`,
      ),
      "a-4fG8kQz1.css": utf8("p { color: red }"),
    }, ["--early-hints"]);
    // The page is read at its first request.
    await visitor.visit(stage.url("/"));
    await visitor.visit(stage.url("/"));
    await visitor.page.reload();
    const times =
      `(({ firstInterimResponseStart, finalResponseHeadersStart }) =>
      [firstInterimResponseStart, finalResponseHeadersStart])(performance.getEntriesByType("navigation")[0])`;
    const [hints, response] = await visitor.evaluate(times) as number[];
    assert(hints! > 0 && hints! <= response!, `${hints} and ${response}`);
  },
  UNTRUSTED,
);
