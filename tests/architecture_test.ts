/**
 * Whether docs/architecture.md names files and functions that are there.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { HAS_FILES, testWith } from "./helpers.ts";
import { functionNamed } from "./source.ts";

/** Lines of code and files that a GET of a small file may take, by the list in the document. */
const GET_LINES_MAX = 285;
const GET_FILES_MAX = 11;

const ROOT = new URL("..", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** All files of a kind below a folder, as paths from the root. */
function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) return filesIn(`${path}/`);
    return path.endsWith(".ts") ? [path] : [];
  });
}

testWith(HAS_FILES, "docs/architecture.md names files that are there", () => {
  const paths = [
    "main.ts",
    ...["lib/", "tests/", "tools/"].flatMap(filesIn),
  ].map((path) => `/${path}`);
  const named = [...read("docs/architecture.md").matchAll(/`([\w/]+\.ts)`/g)]
    .map((match) => match[1]!);
  assertEquals(named.length > 50, true);
  assertEquals(
    named.filter((name) => !paths.some((path) => path.endsWith(`/${name}`))),
    [],
  );
});

testWith(HAS_FILES, "docs/architecture.md names every module", () => {
  const modules = filesIn("lib/");
  const named = [...read("docs/architecture.md").matchAll(/`([\w/*.]+\.ts)`/g)]
    .flatMap(([, name]) => {
      const end = new RegExp(`/${name!.replace("*", "\\w+")}$`);
      const fitting = modules.filter((path) => end.test(`/${path}`));
      // A name that fits two modules says nothing about either.
      return name!.includes("*") || fitting.length === 1 ? fitting : [];
    });
  assertEquals(modules.filter((path) => !named.includes(path)), []);
});

/** The rows of the list: a file, and functions in it. */
function wayOfGet(): (readonly [path: string, names: string[]])[] {
  const document = read("docs/architecture.md");
  const start = document.indexOf("## What happens to a GET of a small file");
  const section = document.slice(start, document.indexOf("\n## ", start));
  return [...section.matchAll(/^\| \d+ +\| `([^`]+)` +\| ([^|]+)\|/gm)].map(
    ([, path, cell]) => {
      const names = [...cell!.matchAll(/`([#\w]+)\(\)`/g)];
      return [path!, names.map((match) => match[1]!)] as const;
    },
  );
}

testWith(HAS_FILES, "a GET of a small file reads through few lines", () => {
  const files = wayOfGet();
  assertEquals(files.length <= GET_FILES_MAX, true, `${files.length} files`);
  const counts = files.flatMap(([path, names]) =>
    names.map((name) => [path, name, functionNamed(read(path), name)] as const)
  );
  assertEquals(counts.length > 15, true);
  assertEquals(counts.filter(([, , lines]) => lines === undefined), []);
  const lines = counts.reduce((sum, [, , count]) => sum + count!, 0);
  assertEquals(lines <= GET_LINES_MAX, true, `${lines} lines`);
});

testWith(HAS_FILES, "each word of docs/architecture.md is in its file", () => {
  const rows = [
    ...read("docs/architecture.md").matchAll(
      /^\| (\w+) +\| [^|]+\| `(lib\/[\w/]+\.ts)` +\|$/gm,
    ),
  ];
  assertEquals(rows.length > 20, true);
  const missing = rows.filter(([, word, path]) => {
    const exported = new RegExp(
      `^export (?:class|interface|type|function) \\w*${word}`,
      "m",
    );
    return !exported.test(read(path!));
  });
  assertEquals(missing.map(([row]) => row), []);
});
