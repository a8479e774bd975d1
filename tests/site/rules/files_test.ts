import { assertEquals, assertMatch } from "@std/assert";
import { gzipSync } from "node:zlib";
import { SourceChanged, type SourceSegment } from "../../../lib/http/reply.ts";
import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { RULE_FILES } from "../../../lib/site/hidden.ts";
import {
  readRuleFiles,
  RULE_FILE_BYTES_MAX,
} from "../../../lib/site/rules/files.ts";
import { ZipSite } from "../../../lib/site/zip/zip_site.ts";
import {
  HAS_FILES,
  HAS_PROGRAMS,
  TemporaryDirectory,
  testWith,
} from "../../helpers.ts";
import { type MemoryFiles, MemorySite } from "../../memory_site.ts";
import { IS_UNIX } from "../../place.ts";
import { type Forged, forgeZip } from "../zip/zip_forge.ts";

const NOW = Date.UTC(2026, 10, 20);

/** Rules in short, and what is wrong. */
function read(files: MemoryFiles) {
  const { texts, problems } = readRuleFiles(new MemorySite(files), NOW);
  return {
    headers: texts.headers.map((rule) =>
      `${rule.where} ${rule.for} ${rule.values.join()}`
    ),
    redirects: texts.redirects.map((rule) =>
      `${rule.where} ${rule.from} ${rule.to} ${rule.status}`
    ),
    problems: problems.map(({ where }) => where),
  };
}

const ROWS: readonly (readonly [
  name: string,
  files: MemoryFiles,
  want: Partial<ReturnType<typeof read>>,
])[] = [
  ["no rules in a site that brings none", { "/index.html": "page" }, {}],
  ["_headers", { "/_headers": "/a\n  X-A: 1\n" }, {
    headers: ["_headers:1 /a X-A,1"],
  }],
  ["_redirects", { "/_redirects": "\n/a /b 302" }, {
    redirects: ["_redirects:2 /a /b 302"],
  }],
  ["both, and names what is wrong in each", {
    "/_headers": "  X-A: 1\n/a\n  X-B: 2",
    "/_redirects": "/a /b 301 Country=de\n/c /d",
  }, {
    headers: ["_headers:2 /a X-B,2"],
    redirects: ["_redirects:2 /c /d 301"],
    problems: ["_headers:1", "_redirects:1"],
  }],
  ["nothing from a file that cannot be read", { "/_headers": 403 }, {
    problems: ["_headers"],
  }],
  ["nothing from a file that is too large", {
    "/_redirects": "#".repeat(RULE_FILE_BYTES_MAX + 1),
  }, { problems: ["_redirects"] }],
  ["nothing from a directory", { "/_headers/a": "/a\n  X-A: 1" }, {
    problems: ["_headers"],
  }],
  ["nothing from files further down", { "/docs/_redirects": "/a /b" }, {}],
];

for (const [name, files, want] of ROWS) {
  Deno.test(`readRuleFiles() reads ${name}`, () => {
    const none = { headers: [], redirects: [], problems: [] };
    assertEquals(read(files), { ...none, ...want });
  });
}

/** Ways in which a file of rules is there and cannot be used, and how each is made. */
const UNUSABLE: Readonly<
  Record<string, (place: TemporaryDirectory, name: string) => void>
> = {
  "a link out of the root": (place, name) =>
    Deno.symlinkSync("../outside", place.join(name)),
  "a link to nothing": (place, name) =>
    Deno.symlinkSync("gone", place.join(name)),
  "a link to itself": (place, name) =>
    Deno.symlinkSync(place.join(name), place.join(name)),
  "a link to a device": (place, name) =>
    Deno.symlinkSync("/dev/null", place.join(name)),
  "a FIFO": (place, name) => {
    const args = [place.join(name)];
    new Deno.Command("mkfifo", { args }).outputSync();
  },
  "a directory": (place, name) => Deno.mkdirSync(place.join(name)),
};

for (const [what, make] of Object.entries(UNUSABLE)) {
  testWith(
    HAS_PROGRAMS && IS_UNIX,
    `readRuleFiles() names ${what}, and never takes it for no rules`,
    () => {
      using place = new TemporaryDirectory({
        "site/a.txt": "a",
        "outside": "/* /b 404!\n",
      });
      for (const name of RULE_FILES) make(place, `site/${name}`);
      const site = new DirectorySite(place.join("site"));
      const { texts, problems } = readRuleFiles(site, NOW);
      site.close();
      assertEquals([texts.headers, texts.redirects], [[], []]);
      assertEquals(problems.map(({ where }) => where), [...RULE_FILES]);
      for (const { text } of problems) {
        assertMatch(text, /^Cannot use its rules: it is /);
      }
    },
  );
}

/** Rules that compress well, as many bytes as a file of rules may have and `more`. */
function manyRules(more: number): string {
  return HEADERS.padEnd(RULE_FILE_BYTES_MAX + more, "#\n");
}

const HEADERS = "/a\n  X-A: 1\n";

const ZIPPED:
  readonly (readonly [name: string, headers: Forged, isRead: boolean])[] = [
    ["is stored", { name: "_headers", content: HEADERS }, true],
    ["is compressed", { name: "_headers", content: HEADERS, method: 8 }, true],
    ["has as many bytes as are allowed", {
      name: "_headers",
      content: manyRules(0),
      method: 8,
    }, true],
    ["has more", { name: "_headers", content: manyRules(1), method: 8 }, false],
    ["has more than it says", {
      name: "_headers",
      content: manyRules(1),
      method: 8,
      size: 99,
    }, false],
    ["has another size than it says", {
      name: "_headers",
      content: HEADERS,
      method: 8,
      size: 9,
    }, false],
    ["has another checksum", {
      name: "_headers",
      content: HEADERS,
      method: 8,
      checksum: 1,
    }, false],
    ["is compressed in another way than it says", {
      name: "_headers",
      content: Uint8Array.of(7, 7, 7),
      method: 8,
      isRaw: true,
    }, false],
  ];

for (const [name, headers, isRead] of ZIPPED) {
  Deno.test(`readRuleFiles() ${isRead ? "reads" : "warns of"} a file of a ZIP file that ${name}`, () => {
    const zip = forgeZip([
      headers,
      { name: "_headers.gz", content: gzipSync("/b\n  X-B: 1\n  X-C: 1\n") },
      { name: "_redirects", content: "/a /b\n" },
    ]);
    const slice = (start: number, end: number) => zip.subarray(start, end);
    const site = new ZipSite({ length: zip.length, slice });
    const { texts, problems } = readRuleFiles(site, NOW);
    site.close();
    assertEquals(
      texts.headers.map((each) => each.for),
      isRead ? ["/a"] : [],
    );
    assertEquals(texts.redirects.length, 1);
    assertEquals(
      problems,
      isRead ? [] : [{
        where: "_headers",
        text:
          "Cannot use its rules: it is damaged, or has more than 4194304 bytes",
      }],
    );
  });
}

Deno.test("readRuleFiles() warns of a file that changes while it is read", () => {
  const files = new MemorySite({ "/_headers": "/a\n  X-A: 1\n" });
  const changing: SourceSegment = {
    length: 9,
    open: () => ({
      read: () => {
        throw new SourceChanged("Another version");
      },
      close: () => {},
    }),
  };
  const { texts, problems } = readRuleFiles({
    hasName: (path) => files.hasName(path),
    lookup(path) {
      const found = files.lookup(path);
      if (found.kind !== "file") return found;
      const identity = { ...found.identity!, length: 9, slice: () => changing };
      return { ...found, identity };
    },
  }, NOW);
  assertEquals(texts.headers, []);
  assertEquals(problems, [{
    where: "_headers",
    text: "Cannot use its rules: the file changed while it was read",
  }]);
});

testWith(HAS_FILES, "readRuleFiles() reads no encoded rules", () => {
  using place = new TemporaryDirectory({ "_redirects.gz": gzipSync("/a /b") });
  const site = new DirectorySite(place.path);
  const { texts, problems } = readRuleFiles(site, NOW);
  site.close();
  assertEquals([texts.redirects, problems], [[], []]);
});
