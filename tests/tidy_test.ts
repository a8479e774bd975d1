/**
 * The house rules that a program can check: what may import what, which modules
 * have tests, how long files and functions are, and whether the documents and
 * the code say the same.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { dirname, fromFileUrl, join, relative } from "@std/path";
import { MADE_DOCUMENTS } from "../tools/docs.ts";
import project from "../deno.json" with { type: "json" };
import { HAS_FILES, testWith } from "./helpers.ts";
import { anchorsOf, linksOf } from "./markdown.ts";
import {
  bareCode,
  exportedNames,
  functionsIn,
  importsOf,
  staticImportsOf,
} from "./source.ts";
import { LATE, PLAIN } from "./late_modules.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

const LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

/** Tests that are long because of their tables. */
const LONG_TABLES: readonly string[] = [
  "tests/check/checker_test.ts",
  "tests/http/http1/body_test.ts",
  "tests/http/http1/request_test.ts",
  "tests/http/target_test.ts",
  "tests/site/disk/directory_test.ts",
  "tests/site/listing/page_test.ts",
];

/** The files in a folder and below that end so, as paths from the root with slashes. */
function filesIn(folder: string, end: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap((entry) => {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory) return filesIn(path, end);
    return entry.name.endsWith(end) ? [path] : [];
  });
}

/** The program without its tests. */
function modules(): string[] {
  const inLib = filesIn("lib", ".ts").filter((path) => !path.endsWith(".d.ts"));
  return ["main.ts", ...inLib];
}

function allCode(): string[] {
  return [...modules(), ...filesIn("tests", ".ts")];
}

function read(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** What a module imports: paths from the root for files, names as they are for packages. */
function importsBy(path: string): string[] {
  return importsOf(read(path)).map((name) => fromRoot(path, name));
}

function fromRoot(path: string, name: string): string {
  return name.startsWith(".")
    ? relative(ROOT, join(ROOT, dirname(path), name)).replaceAll("\\", "/")
    : name;
}

/** What may be imported, by the beginning of the importing module's path: the first that fits counts. */
const ARROWS: readonly (readonly [from: string, to: RegExp])[] = [
  [
    "main.ts",
    /^(?:deno\.json|lib\/(?:access\/password|site\/bundle\/archive|(?:cli|observe|server|service)\/[\w/]+)\.ts)$/,
  ],
  [
    "lib/respond.ts",
    /^lib\/(?:http\/\w+|site\/(?:\w+|listing\/\w+))\.ts$/,
  ],
  ["lib/http/http1/", /^lib\/http\/(?:http1\/)?\w+\.ts$/],
  ["lib/http/http2/", /^lib\/http\/(?:http2\/)?\w+\.ts$/],
  ["lib/http/", /^lib\/http\/(?:\w+\.ts|error_page\.html)$/],
  [
    "lib/site/content/",
    /^(?:lib\/(?:http|site\/content)\/\w+\.ts|lib\/site\/site\.ts|node:crypto|@std\/[\w/-]+)$/,
  ],
  [
    "lib/site/disk/",
    /^(?:lib\/(?:http|site\/(?:content|disk))\/\w+\.ts|lib\/site\/(?:cache|hidden|pause|read_content|site)\.ts|lib\/site\/disk\/(?:compressor|watch)_worker\.js|node:fs|@std\/path\/\w+)$/,
  ],
  [
    "lib/site/rules/",
    /^(?:lib\/(?:http|site\/rules)\/\w+\.ts|lib\/site\/(?:read_content|hidden|site)\.ts)$/,
  ],
  [
    "lib/site/listing/",
    /^(?:lib\/(?:http|site\/(?:content|listing))\/\w+\.ts|lib\/site\/(?:cache|hidden|pause|site|tree)\.ts|lib\/site\/listing\/client\/\w+\.(?:css|js)|static\/favicon\.svg|@std\/[\w/-]+)$/,
  ],
  [
    "lib/site/bundle/",
    /^(?:lib\/(?:http|site\/(?:bundle|content))\/\w+\.ts|lib\/site\/(?:hidden|packed_site|packed_tree|site)\.ts|node:(?:crypto|zlib))$/,
  ],
  [
    "lib/site/zip/",
    /^(?:lib\/(?:http|site\/(?:content|zip))\/\w+\.ts|lib\/site\/(?:cache|hidden|packed_site|packed_tree|pause|site|tree|turns)\.ts|node:(?:crypto|zlib))$/,
  ],
  [
    "lib/site/markdown/",
    /^(?:lib\/(?:http|site\/(?:content|markdown))\/\w+\.ts|lib\/site\/site\.ts|lib\/site\/markdown\/page\.html|markdown-it|@std\/html)$/,
  ],
  [
    "lib/site/hints/",
    /^(?:lib\/(?:http|site\/hints)\/\w+\.ts|lib\/site\/(?:read_content|site)\.ts|htmlparser2)$/,
  ],
  [
    "lib/site/releases/",
    /^(?:lib\/(?:http\/\w+|site\/(?:content\/hashed_name|releases\/\w+|site))\.ts|@std\/path\/relative)$/,
  ],
  [
    "lib/site/live/",
    /^(?:lib\/(?:http|site\/(?:content|live))\/\w+\.ts|lib\/site\/(?:read_content|site)\.ts|lib\/site\/live\/client\.js|node:crypto)$/,
  ],
  [
    "lib/site/",
    /^(?:lib\/(?:http|site\/(?:content|listing|markdown|rules|zip))\/\w+\.ts|lib\/site\/\w+\.ts|@std\/text\/levenshtein-distance)$/,
  ],
  [
    "lib/observe/",
    /^lib\/(?:(?:http|observe(?:\/admin)?)\/\w+\.ts|observe\/admin\/page\.(?:css|html|js))$/,
  ],
  [
    "lib/server/",
    /^(?:lib\/(?:http|observe|server)\/[\w/]+\.ts|node:(?:net|tls))$/,
  ],
  ["lib/access/", /^(?:lib\/(?:access|http)\/\w+\.ts|node:crypto)$/],
  [
    "lib/check/",
    /^(?:lib\/(?:check|http(?:\/http1)?|site\/(?:content|rules))\/\w+\.ts|@csstools\/css-tokenizer|htmlparser2|jsonc-parser|node:crypto)$/,
  ],
  [
    "lib/service/",
    /^lib\/(?:respond|(?:access|check|cli|http|observe|server|service|site)\/[\w/]+)\.ts$|^node:(?:buffer|crypto|net|process|stream|zlib)$|^@std\/(?:html|path\/\w+|text\/levenshtein-distance)$/,
  ],
  [
    "lib/cli/",
    /^(?:lib\/cli\/\w+\.ts|lib\/http\/(?:ascii|columns|fields|host|printable)\.ts|node:util|jsonc-parser|qr|@std\/[\w/-]+)$/,
  ],
];

testWith(HAS_FILES, "imports follow the arrows of the house", () => {
  const wrong = modules().flatMap((path) => {
    const arrow = ARROWS.find(([from]) => path.startsWith(from));
    if (arrow === undefined) return [`${path} is in no room`];
    return importsBy(path)
      .filter((name) => !arrow[1].test(name) || name === "@std/assert")
      .map((name) => `${path} imports ${name}`);
  });
  assertEquals(wrong, []);
});

testWith(HAS_FILES, "imports go in no circle", () => {
  const graph = new Map(modules().map((path) => [path, importsBy(path)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]) => {
    if (way.includes(path)) circles.push([...way, path].join(" → "));
    if (way.includes(path) || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  assertEquals(circles, []);
});

testWith(
  HAS_FILES,
  "a plain start loads nothing for options not in use",
  () => {
    const loaded = new Set<string>();
    const load = (path: string) => {
      if (loaded.has(path)) return;
      loaded.add(path);
      if (!path.endsWith(".ts")) return;
      for (const name of staticImportsOf(read(path))) {
        load(fromRoot(path, name));
      }
    };
    load("main.ts");
    assertEquals(LATE.filter((name) => loaded.has(name)), []);
    const others = [...loaded].filter((name) =>
      name.startsWith("node:") || name in project.imports
    );
    assertEquals(others.sort(), PLAIN);
    const all = new Set(["main.ts", ...modules().flatMap(importsBy)]);
    assertEquals(LATE.filter((name) => !all.has(name)), []);
  },
);

/** Where the runtime may be asked for something. */
const MAY_USE_DENO =
  /^(?:main\.ts|lib\/(?:server|service|site\/disk)\/[\w/]+\.ts)$/;

testWith(HAS_FILES, "only the edge of the house uses the runtime", () => {
  const users = modules().filter((path) =>
    /\bDeno\b/.test(bareCode(read(path)))
  );
  assertEquals(users.filter((path) => !MAY_USE_DENO.test(path)), []);
});

testWith(
  HAS_FILES,
  "every module has a test of its name in the same room",
  () => {
    const tests = new Set(filesIn("tests", "_test.ts"));
    const untested = modules().filter((path) =>
      !tests.has(
        `tests/${path.replace(/^lib\//, "").replace(/\.ts$/, "_test.ts")}`,
      )
    );
    assertEquals(untested, []);
  },
);

testWith(HAS_FILES, "no name is exported with two meanings", () => {
  const owners = new Map<string, string[]>();
  for (const path of [...modules(), ...filesIn("tools", ".ts")]) {
    for (const name of exportedNames(read(path))) {
      owners.set(name, [...owners.get(name) ?? [], path]);
    }
  }
  assertEquals([...owners].filter(([, paths]) => paths.length > 1), []);
});

testWith(HAS_FILES, "every module says what it is for", () => {
  const silent = modules().filter((path) =>
    !/^\/\*\*\n \* [^]*?\n \* @module\n \*\//.test(read(path))
  );
  assertEquals(silent, []);
});

testWith(HAS_FILES, `no file has more than ${LINES_MAX} lines`, () => {
  const long = allCode().filter((path) =>
    read(path).split("\n").length - 1 > LINES_MAX
  );
  // Those that need no exception any more are not to keep it.
  assertEquals(long.sort(), LONG_TABLES.toSorted());
});

testWith(
  HAS_FILES,
  `no function has more than ${FUNCTION_LINES_MAX} lines`,
  () => {
    const long = allCode().flatMap((path) =>
      functionsIn(read(path))
        .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
        .map(({ line, lines }) => `${path}:${line} has ${lines} lines`)
    );
    assertEquals(long, []);
  },
);

/** What is not left in code. In pieces, so that this file does not find itself. */
const LEFTOVERS = new RegExp(
  ["TO" + "DO", "FIX" + "ME", "X" + "XX"].map((word) => `\\b${word}\\b`)
    .join("|"),
);

testWith(HAS_FILES, "nothing is left to be done, or to be looked at", () => {
  const found = allCode().filter((path) => {
    const text = read(path);
    return LEFTOVERS.test(text) || /\bconsole\s*\./.test(bareCode(text)) ||
      /\bdebugger\b/.test(bareCode(text)) ||
      /\bDeno\.test\.only\b/.test(bareCode(text));
  });
  assertEquals(found, []);
});

for (const { path, make } of MADE_DOCUMENTS) {
  testWith(HAS_FILES, `${path} is as \`deno task docs\` makes it`, () => {
    assertEquals(read(path), make());
  });
}

testWith(
  HAS_FILES,
  "the README is short, and has the two commands for a clone",
  () => {
    const readme = read("README.md");
    assertEquals(readme.split("\n").length - 1 <= 150, true);
    const commands = [
      "npx -y deno@2.9.6 run --allow-net --allow-read main.ts",
      "npx -y deno@2.9.6 task test",
    ];
    const lines = readme.split("\n");
    assertEquals(commands.filter((command) => !lines.includes(command)), []);
    assertEquals(read(".ci/run").includes(commands[1]!), true);
  },
);

testWith(
  HAS_FILES,
  "the README comes to a command within 40 words, and its pictures exist",
  () => {
    const readme = read("README.md");
    const before = readme.slice(0, readme.indexOf("```sh"));
    const words = before.replaceAll(/<[^>]*>/g, " ").match(/\S+/g) ?? [];
    assertEquals(words.length <= 40, true, `${words.length} words`);
    const pictures = [...readme.matchAll(/ src(?:set)?="([^"]*)"/g)]
      .map((match) => match[1]!);
    assertEquals(pictures.length, 2);
    assertEquals(pictures.filter((path) => !exists(join(ROOT, path))), []);
  },
);

/** All documents, but for what was fetched from elsewhere. */
function documents(): string[] {
  const folders = ["docs", "tests", "bench", "static"].filter((folder) => {
    try {
      return Deno.statSync(join(ROOT, folder)).isDirectory;
    } catch {
      return false;
    }
  });
  const top = [...Deno.readDirSync(ROOT)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md"));
  return [...top, ...folders.flatMap((folder) => filesIn(folder, ".md"))];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

testWith(HAS_FILES, "links in documents lead somewhere", () => {
  const broken = documents().flatMap((path) =>
    linksOf(read(path)).filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [file, anchor] = link.split("#", 2);
      const target = file === "" ? path : join(dirname(path), file!);
      if (!exists(join(ROOT, target))) return true;
      if (anchor === undefined || !target.endsWith(".md")) return false;
      return !anchorsOf(read(target)).includes(anchor);
    }).map((link) => `${path} links to ${link}`)
  );
  assertEquals(broken, []);
});

testWith(HAS_FILES, "the version is the newest in the change log", () => {
  const headings = [...read("CHANGELOG.md").matchAll(/^## \[?([^\s\]]+)/gm)]
    .map((match) => match[1]);
  const versions = headings.filter((heading) => heading !== "Unreleased");
  // Before the first release there is none.
  assertEquals(versions[0] ?? project.version, project.version);
  assertEquals(headings.indexOf("Unreleased") > 0, false);
  assertEquals(headings.length > 0, true);
});

testWith(HAS_FILES, "each test belongs to the tests or to the night", () => {
  const { test, night } = project.tasks;
  const ignored = /--ignore=(\S+)/.exec(test.command)![1]!.split(",");
  const byNight = /--allow-all ([^&]+) &&/.exec(night.command)![1]!.split(" ");
  const both = [
    "tests/fuzz_test.ts",
    "tests/wire_test.ts",
    "tests/site/disk/lying_watch_test.ts",
  ];
  assertEquals([...ignored, ...both], byNight);
});
