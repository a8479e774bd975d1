import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { FAILURES } from "../lib/access/login_limits.ts";
import { DEADLINES } from "../lib/server/context.ts";
import { HAS_FILES, testWith } from "./helpers.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

function read(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

const DOCUMENT = HAS_FILES ? read("docs/limits.md") : "";

/** One limit of the document: where it is, its value, and which test shows it. */
interface Row {
  readonly name: string;
  readonly path: string;
  readonly value: string;
  readonly test: { readonly path: string; readonly name: string };
}

/** The path of a module as the document names it. */
function pathOf(module: string): string {
  return module === "main.ts" ? module : `lib/${module}`;
}

function readRow(line: string): Row | undefined {
  const cells = line.slice(1, -1).split("|").map((cell) => cell.trim());
  const limit = /^`([A-Z_]+(?:\.\w+)?)` in `([\w/.]+)`$/.exec(cells[0] ?? "");
  if (limit === null) return undefined;
  const test = /^`([\w/.]+)`: (.+)$/.exec(cells[3] ?? "");
  assert(test !== null, `No test in: ${line}`);
  return {
    name: limit[1]!,
    path: pathOf(limit[2]!),
    value: cells[1]!,
    test: { path: test[1]!, name: test[2]! },
  };
}

const ROWS: readonly Row[] = DOCUMENT.split("\n")
  .filter((line) => line.startsWith("|"))
  .map(readRow).filter((row) => row !== undefined);

/** The files of the program. */
function modules(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return modules(path);
    return path.endsWith(".ts") && !path.endsWith(".d.ts") ? [path] : [];
  });
}

/** Where a number is given a name that says it is a limit or a time. */
const NAMED =
  /^(?:export )?const ([A-Z][A-Z_]*_(?:MAX|MIN|MS))\b(?:: \w+)? =\s+([^;]+);/gm;

/** Every such number, with its name and place as one text, and its value as it is written. */
function namedNumbers(): Map<string, string> {
  return new Map(
    ["main.ts", ...modules("lib")].flatMap((path) =>
      [...read(path).matchAll(NAMED)].map((match) =>
        [`${match[1]} in ${path}`, match[2]!] as const
      )
    ),
  );
}

/** A number as code has it: "10_000", "4 * 1024", "2 ** 20"; undefined for anything else. */
function numberInCode(text: string): number | undefined {
  const factors = text.replaceAll("_", "").split(/ \* /);
  const values = factors.map((factor) => {
    const [base, exponent = "1"] = factor.split(" ** ");
    return Number(base) ** Number(exponent);
  });
  const product = values.reduce((all, each) => all * each, 1);
  return Number.isNaN(product) ? undefined : product;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  ms: 1,
  s: 1000,
  KiB: 1024,
  MiB: 1024 * 1024,
};

/** A number as the document has it: "10,000", "60 s", "8 KiB". */
function numberInText(text: string): number {
  const [digits, unit = ""] = text.split(" ");
  return Number(digits!.replaceAll(",", "")) * UNITS[unit]!;
}

/** Limits that are members of an object. */
const MEMBERS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    Object.entries(DEADLINES).map(([name, ms]) => [`DEADLINES.${name}`, ms]),
  ),
  "FAILURES.rate": FAILURES.rate,
  "FAILURES.burst": FAILURES.burst,
};

/** Numbers that are limits without a name that says so. */
const OTHERS: readonly string[] = [
  "BEGINNING_BYTES in lib/site/content/beginning.ts",
  "BURST in lib/observe/diagnostics.ts",
];

testWith(
  HAS_FILES,
  "docs/limits.md has every limit and time of the code",
  () => {
    const documented = [...DOCUMENT.matchAll(/`([A-Z_]+)`\s+in\s+`([\w/.]+)`/g)]
      .map((match) => `${match[1]} in ${pathOf(match[2]!)}`)
      .filter((name) => !OTHERS.includes(name));
    assertEquals(documented.toSorted(), [...namedNumbers().keys()].toSorted());
    const members = ROWS.map(({ name }) => name).filter((name) =>
      name.includes(".")
    );
    assertEquals(members.toSorted(), Object.keys(MEMBERS).toSorted());
  },
);

testWith(HAS_FILES, "docs/limits.md has the values of the code", () => {
  const numbers = namedNumbers();
  assert(ROWS.length > 50, `${ROWS.length} rows`);
  for (const { name, path, value } of ROWS) {
    const code = numbers.get(`${name} in ${path}`) ??
      new RegExp(`const ${name} = ([^;]+);`).exec(read(path))?.[1];
    const want = MEMBERS[name] ?? numberInCode(code!);
    assertEquals(numberInText(value), want, `${name} in ${path}`);
  }
});

testWith(HAS_FILES, "docs/limits.md names tests that exist", () => {
  for (const { name, test } of ROWS) {
    const text = read(test.path);
    // "…" stands for what differs from test to test.
    for (const part of test.name.split("…")) {
      assert(text.includes(part.trim()), `${name}: ${test.path}: ${part}`);
    }
  }
});
