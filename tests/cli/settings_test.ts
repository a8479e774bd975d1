import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { resolve } from "@std/path";
import {
  flagOf,
  isFrom,
  isOptional,
  valueOf,
  variableOf,
} from "../../lib/cli/option_row.ts";
import {
  defaultOptions,
  OPTION_TABLE,
  type OptionKey,
  type OptionRow,
  UsageError,
} from "../../lib/cli/options.ts";
import {
  printConfigText,
  type ResolvedSettings,
  resolveSettings,
} from "../../lib/cli/settings.ts";
import { SAMPLES } from "./samples.ts";

/** What a person gives: words of the command line, variables, and files by path. */
interface Given {
  readonly line?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function settingsOf(
  { line = "", variables = {}, files = {} }: Given,
): Promise<ResolvedSettings> {
  const all = new Map(Object.entries(variables));
  return resolveSettings({
    args: line === "" ? [] : line.split(" "),
    variables: (name) => all.get(name),
    variableNames: [...all.keys()],
    read: (path) => files[path],
    isFile: (path) => path in files,
  });
}

/** How the file has a value. */
function jsonOf(row: OptionRow, text: string): string {
  const isBare = row.type === "switch" ||
    row.type === "number" && text !== "auto";
  return isBare ? text : JSON.stringify(text);
}

/** The value of an option alone, given in some of the places. */
async function valueWith(
  row: OptionRow,
  places: { file?: string; variable?: string; flag?: string },
): Promise<unknown> {
  const { key } = row;
  const isGiven = Object.keys(places).length > 0;
  const line = [...isGiven && SAMPLES[key].companions || []];
  if (places.flag !== undefined) {
    line.push(key === "root" ? places.flag : `${flagOf(key)}=${places.flag}`);
  }
  const content = `{"${key}": ${jsonOf(row, places.file ?? "")}}`;
  return valueOf(
    row,
    (await resolveSettings({
      args: line,
      variables: (name) =>
        name === variableOf(key) ? places.variable : undefined,
      read: () => places.file === undefined ? undefined : content,
    })).options,
  );
}

const ANYWHERE = OPTION_TABLE.filter((row) =>
  isFrom(row, "file") && isFrom(row, "environment")
);

for (const row of ANYWHERE) {
  const [file, variable, flag] = SAMPLES[row.key].values;

  Deno.test(`resolveSettings() prefers flag to variable to file to default for ${row.key}`, async () => {
    const fallback = valueOf(row, defaultOptions());
    const values = {
      nothing: await valueWith(row, {}),
      file: await valueWith(row, { file }),
      variable: await valueWith(row, { file, variable }),
      flag: await valueWith(row, { file, variable, flag }),
    };
    assertEquals(values.nothing, fallback);
    const texts = {
      file: await valueWith(row, { flag: file }),
      variable: await valueWith(row, { flag: variable }),
      flag: await valueWith(row, { flag }),
    };
    // Each place says the same with the same text, and the highest decides.
    assertEquals(values.file, texts.file);
    assertEquals(values.variable, texts.variable);
    assertEquals(values.flag, texts.flag);
    assertEquals(await valueWith(row, { file, flag }), texts.flag);
    assert(JSON.stringify(texts.file) !== JSON.stringify(texts.variable));
    assert(JSON.stringify(texts.variable) !== JSON.stringify(texts.flag));
  });
}

Deno.test("every option may be given where the table says, and nowhere else", () => {
  const flagsAlone = OPTION_TABLE
    .filter((row) => !isFrom(row, "file") && !isFrom(row, "environment"))
    .map(({ key }) => key);
  assertEquals<readonly OptionKey[]>(
    flagsAlone,
    ["printConfig", "help", "version"],
  );
  assertEquals(OPTION_TABLE.length - ANYWHERE.length, flagsAlone.length + 1);
});

/** Where the file is looked for: the path it must be at. */
const PLACES: readonly (readonly [given: Given, path: string | undefined])[] = [
  [{}, "skiff.json"],
  [{ line: "site" }, "skiff.json"],
  [{ line: "./site/" }, "skiff.json"],
  [{ line: "a/site" }, "a/skiff.json"],
  [{ line: "." }, "../skiff.json"],
  [{ line: ".." }, "../../skiff.json"],
  [{ line: "a/.." }, "../skiff.json"],
  [{ line: "/srv/www" }, "/srv/skiff.json"],
  [{ line: "/srv/www/" }, "/srv/skiff.json"],
  [{ line: "/srv" }, "/skiff.json"],
  [{ line: "/" }, undefined],
  [{ line: "/srv/.." }, undefined],
  [{ variables: { SKIFF_ROOT: "/srv/www" } }, "/srv/skiff.json"],
  [
    { line: "/a/b", variables: { SKIFF_ROOT: "/srv/www" } },
    "/a/skiff.json",
  ],
  [{ line: "--config x/y.json" }, "x/y.json"],
  [{ line: "site --config x/y.json" }, "x/y.json"],
  [{ variables: { SKIFF_CONFIG: "/c.json" } }, "/c.json"],
  [{ line: "--config=/d.json", variables: { SKIFF_CONFIG: "/c" } }, "/d.json"],
  [{ line: "explain /a site" }, "skiff.json"],
  [{ line: "explain /a /srv/www" }, "/srv/skiff.json"],
  [{ line: "--help" }, undefined],
  [{ line: "--version" }, undefined],
  [{ line: "hash-password" }, undefined],
  [{ line: "check /srv/www" }, "/srv/skiff.json"],
  [{ line: "check --server http://a/" }, undefined],
  [{ line: "check --server=http://a/ --config x.json" }, undefined],
];

for (const [given, path] of PLACES) {
  Deno.test(`resolveSettings() with ${JSON.stringify(given)} reads ${path}`, async () => {
    const read: string[] = [];
    const { configPath, options } = await resolveSettings({
      args: given.line?.split(" ") ?? [],
      variables: (name) => given.variables?.[name],
      read: (name) => {
        read.push(name);
        return '{"port": 81}';
      },
    });
    assertEquals(read, path === undefined ? [] : [path]);
    assertEquals(configPath, path);
    assertEquals(options.port, path === undefined ? undefined : 81);
  });
}

const BAD: readonly (readonly [given: Given, message: string])[] = [
  [
    { line: "--config gone.json" },
    'Cannot read the configuration "gone.json": it does not exist',
  ],
  [{ variables: { SKIFF_CONFIG: "gone.json" } }, "(SKIFF_CONFIG)"],
  [{ files: { "skiff.json": "" } }, "skiff.json:1:1: "],
  [
    { files: { "skiff.json": '{"port": 99999}' }, line: "--port 80" },
    'skiff.json:1:10: Cannot use "99999" as a port',
  ],
  [
    { variables: { SKIFF_PORT: "x" }, line: "--port 80" },
    "(SKIFF_PORT)",
  ],
  [
    { files: { "skiff.json": '{"hsts": 1}' } },
    'skiff.json:1:10: Cannot use "hsts" without "tlsCert"',
  ],
  [
    { files: { "skiff.json": '{"tlsCert": "c"}' }, line: "--hsts 1" },
    'skiff.json:1:13: Cannot use "tlsCert" without "tlsKey"',
  ],
];

for (const [given, message] of BAD) {
  Deno.test(`resolveSettings() refuses ${JSON.stringify(given)}`, async () => {
    const error = await assertRejects(() => settingsOf(given), UsageError);
    assertStringIncludes(error.message, message);
  });
}

Deno.test("resolveSettings() puts a list in the place of the one below it", async () => {
  const files = {
    "skiff.json": '{"header": ["A: 1", "B: 2"], "allow": "::1"}',
  };
  const { options } = await settingsOf({ line: "--header C:3", files });
  assertEquals(options.header, [["C", "3"]]);
  assertEquals(options.allow, ["::1"]);
});

Deno.test("resolveSettings() lets what it was given before have no effect", async () => {
  settingsOf({
    files: {
      "skiff.json": '{"port": 1, "allow": "::1", "errorPages": {"404": "/"}}',
    },
  });
  assertEquals((await settingsOf({})).options, defaultOptions());
});

Deno.test("resolveSettings() passes the rules on", async () => {
  const files = { "skiff.json": '{"redirects": [{"from": "/a", "to": "/b"}]}' };
  assertEquals((await settingsOf({ files })).options.rules.redirects.length, 1);
  assertEquals((await settingsOf({})).options.rules.redirects.length, 0);
});

Deno.test("resolveSettings() looks at no variable and no file for the help", async () => {
  const { options, warnings } = await settingsOf({
    line: "--help tls",
    variables: { SKIFF_PORT: "x", SKIFF_PROT: "y" },
    files: { "skiff.json": "nonsense" },
  });
  assertEquals<unknown>(options.help, "tls");
  assertEquals(warnings, []);
});

Deno.test("resolveSettings() gives explain's path and fields", async () => {
  const { command, operand, flags, options } = await settingsOf({
    line: "explain /a/b --header Range:bytes=0-1 site --spa",
    variables: { SKIFF_HEADER: "X: 1" },
  });
  assertEquals<unknown>(command, "explain");
  assertEquals(operand, "/a/b");
  assertEquals(flags, [["header", "Range:bytes=0-1"]]);
  assertEquals(options.header, [["X", "1"]]);
  assertEquals(options.root, "site");
  assertEquals(options.spa, "/index.html");
});

/** Starts with something that is told of. */
const WARNINGS:
  readonly (readonly [given: Given, warning: string | undefined])[] = [
    [{ variables: { SKIFF_PROT: "1" } }, "did you mean SKIFF_PORT?"],
    [{ line: "/srv --auth-file /srv/users" }, '"/srv/users" from clients'],
    [{ line: "/srv --auth-file /srv/.users" }, undefined],
    [{ line: "/srv --auth-file /srv2/users" }, undefined],
    [{ line: "/srv/www --auth-file /srv/users" }, undefined],
    [{ line: "site --tls-cert c --tls-key site/tls/k" }, '"site/tls/k"'],
    [
      { line: "site --config site/c.json", files: { "site/c.json": "{}" } },
      'Cannot keep "site/c.json" from clients',
    ],
    [{ files: { "skiff.json": '{"root": "."}' } }, '"skiff.json" from clients'],
    [{ files: { "skiff.json": '{"root": "site"}' } }, undefined],
    [{ line: "--auth-file users" }, undefined],
    [
      { line: "/srv/www", files: { "/srv/www/skiff.json": "{}" } },
      'Cannot use "/srv/www/skiff.json" as the configuration: clients can ' +
      'fetch it there; move it to "/srv"',
    ],
    [
      { line: "/srv", files: { "/skiff.json": "{}", "/srv/skiff.json": "x" } },
      'Cannot use "/srv/skiff.json"',
    ],
    [
      { line: "/a --config /c", files: { "/c": "{}", "/a/skiff.json": "" } },
      undefined,
    ],
    [
      { files: { "skiff.json": '{"root": "b"}', "b/skiff.json": "{}" } },
      undefined,
    ],
    [{ line: "/", files: { "/skiff.json": "{}" } }, undefined],
    [{ line: "/srv/.www", files: { "/srv/skiff.json": "{}" } }, undefined],
  ];

for (const [given, warning] of WARNINGS) {
  Deno.test(`resolveSettings() with ${JSON.stringify(given)} warns: ${warning}`, async () => {
    const { warnings } = await settingsOf(given);
    assertEquals(warnings.length, warning === undefined ? 0 : 1);
    if (warning !== undefined) assertStringIncludes(warnings[0]!, warning);
  });
}

Deno.test("printConfigText() shows each value, and where it comes from", async () => {
  const text = printConfigText(
    await settingsOf({
      line: "site --no-cors --header A:b --log=off",
      variables: { SKIFF_PORT: "81", SKIFF_ADMIN: "[::1]:9000" },
      files: {
        "skiff.json":
          '{"port": 80, "drain": 5,\n"tlsCert": "c.pem", "tlsKey": "/k.pem",\n"errorPages": {"404": "/404.html"},\n"redirects": [{"from": "/a"}], "headers": [{"for": "/", "values": {"A": "1"}}]}',
      },
    }),
  );
  const lines = text.split("\n").map((line) => line.split(/ {2,}/));
  const shown = (key: string) => lines.find(([name]) => name === key)!.slice(1);
  assertEquals(shown("root"), ['"site"', "ROOT"]);
  assertEquals(shown("port"), ["81", "SKIFF_PORT"]);
  assertEquals(shown("admin"), ['"[::1]:9000"', "SKIFF_ADMIN"]);
  assertEquals(shown("drain"), ["5", "skiff.json:1"]);
  assertEquals(shown("tlsKey"), ['"/k.pem"', "skiff.json:2"]);
  assertEquals(shown("tlsCert"), [
    JSON.stringify(resolve("c.pem")),
    "skiff.json:2",
  ]);
  assertEquals(shown("cors"), ["false", "--no-cors"]);
  assertEquals(shown("header"), ['["A: b"]', "--header"]);
  assertEquals(shown("log"), ['"off"', "--log"]);
  assertEquals(shown("config")[0], '"skiff.json"');
  assertEquals(shown("hsts"), ["null", "default: none"]);
  assertEquals(shown("listing"), ["true", "default"]);
  assertEquals(shown("errorPages"), ['{"404":"/404.html"}', "skiff.json:3"]);
  assertStringIncludes(shown("redirects")[0]!, '"from":"/a"');
  assertEquals(shown("headers"), [
    '{"for":"/","values":{"A":"1"}}',
    "skiff.json:4",
  ]);
  const keys = OPTION_TABLE.filter((row) =>
    isFrom(row, "file") || isFrom(row, "environment")
  ).map(({ key }) => key as string);
  const rules = ["headers", "redirects", "errorPages"];
  assertEquals(lines.map(([key]) => key), [...keys, ...rules, ""]);
});

Deno.test("printConfigText() shows nothing that a terminal would act on, and stays JSON", async () => {
  const index = "a\x9b\u061c\u200e\u202eb.html";
  const text = printConfigText(await settingsOf({ line: `--index ${index}` }));
  assert(!/[\x9b\p{Cf}]/u.test(text), text);
  const value = /^index +("[^"]*")/m.exec(text)![1]!;
  assertEquals(JSON.parse(value), index);
});

Deno.test("printConfigText() aligns its columns, whatever the values are", async () => {
  const given = { line: `--cache-control ${"x".repeat(1000)} --index a.html` };
  const lines = printConfigText(await settingsOf(given)).trimEnd().split("\n");
  const short = lines.filter((line) => line.length < 200);
  assertEquals(lines.length - short.length, 1);
  const starts = short.map((line) =>
    line.search(/(?:default|--)\S*(?:: .*)?$/)
  );
  assertEquals(new Set(starts).size, 1);
  for (const line of lines) assertMatch(line, /^[ -~]+$/);
});

Deno.test("the samples are for options that take them", () => {
  for (const row of OPTION_TABLE) {
    assert(!isOptional(row) || row.type === "text");
  }
});
