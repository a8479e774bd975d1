import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { readConfig } from "../../lib/cli/config_file.ts";
import { RULE_KEYS } from "../../lib/cli/file_rules.ts";
import { applySetting, isFrom } from "../../lib/cli/option_row.ts";
import { defaultOptions, OPTION_TABLE } from "../../lib/cli/options.ts";
import { configSchema, type Schema } from "../../tools/schema.ts";
import { HAS_FILES, testWith } from "../helpers.ts";
import { SAMPLES } from "../cli/samples.ts";

/** The name of a value's type, as a schema has it. */
function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** Whether a value fits to a schema of those words that ours has. */
function fits(value: unknown, schema: Schema): boolean {
  const { anyOf, enum: choices, type, items, required = [] } = schema;
  if (anyOf !== undefined) {
    return (anyOf as Schema[]).some((each) => fits(value, each));
  }
  if (choices !== undefined) return (choices as unknown[]).includes(value);
  const types = [type].flat() as string[];
  const isInteger = types.includes("integer") && Number.isInteger(value);
  if (!types.includes(typeOf(value)) && !isInteger) return false;
  if (typeof value === "string") {
    return value.length >= (schema.minLength as number ?? 0);
  }
  if (typeof value === "number") {
    return value >= (schema.minimum as number ?? -Infinity) &&
      value <= (schema.maximum as number ?? Infinity);
  }
  if (Array.isArray(value)) {
    return value.every((each) => fits(each, items as Schema));
  }
  if (typeof value !== "object" || value === null) return true;
  return (required as string[]).every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, each]) => {
      const member = memberOf(schema, name);
      return member !== undefined && fits(each, member);
    });
}

function memberOf(schema: Schema, name: string): Schema | undefined {
  const { properties = {}, patternProperties = {} } = schema;
  const { additionalProperties } = schema;
  if (Object.hasOwn(properties as Schema, name)) {
    return (properties as Record<string, Schema>)[name];
  }
  const pattern = Object.entries(patternProperties as Record<string, Schema>)
    .find(([source]) => new RegExp(source).test(name));
  if (pattern !== undefined) return pattern[1];
  return additionalProperties === false
    ? undefined
    : additionalProperties as Schema;
}

function isReadable(value: unknown): boolean {
  try {
    const { settings } = readConfig(JSON.stringify(value), "/c.json");
    const options = defaultOptions();
    for (const setting of settings) applySetting(options, setting);
    return true;
  } catch {
    return false;
  }
}

/** Everything there is in a file. */
const FULL = {
  $schema: "./skiff.schema.json",
  ...Object.fromEntries(
    OPTION_TABLE.filter((row) => isFrom(row, "file")).map((row) => {
      const text = SAMPLES[row.key].values[0];
      const value = row.type === "switch"
        ? text === "true"
        : row.type === "number"
        ? Number(text)
        : row.type === "list"
        ? [text]
        : text;
      return [row.key, value];
    }),
  ),
  headers: [{ for: "/assets/*", values: { Name: "value" } }],
  redirects: [
    { from: "/old/*", to: "/new/:splat", status: 302, force: true },
    { from: "/gone", status: 410 },
  ],
  errorPages: { "404": "/errors/404.html" },
};

Deno.test("configSchema() and readConfig() take a file with everything in it", () => {
  assertEquals(fits(FULL, configSchema()), true);
  assertEquals(isReadable(FULL), true);
});

/** Files, of which schema and program think the same. */
const FILES: readonly (readonly [content: unknown, isRight: boolean])[] = [
  [{}, true],
  [{ workers: "auto" }, true],
  [{ spa: true }, true],
  [{ allow: "::1" }, true],
  [{ requestsPerSecond: 0.5 }, true],
  [[], false],
  ["port", false],
  [null, false],
  [{ prot: 1 }, false],
  [{ quiet: true }, false],
  [{ port: "80" }, false],
  [{ port: 65536 }, false],
  [{ port: 80.5 }, false],
  [{ port: null }, false],
  [{ drain: 301 }, false],
  [{ requestsPerSecond: 0 }, false],
  [{ workers: 65 }, false],
  [{ workers: "all" }, false],
  [{ cors: "true" }, false],
  [{ cors: 1 }, false],
  [{ root: "" }, false],
  [{ spa: 1 }, false],
  [{ log: "xml" }, false],
  [{ allow: [1] }, false],
  [{ headers: {} }, false],
  [{ headers: [{ for: "/" }] }, false],
  [{ headers: [{ for: "/", values: { A: 1 } }] }, false],
  [{ headers: [{ for: "/", values: {}, more: 1 }] }, false],
  [{ redirects: [{ to: "/" }] }, false],
  [{ redirects: [{ from: "/", force: "yes" }] }, false],
  [{ redirects: [{ from: "/", status: 99 }] }, false],
  [{ errorPages: { "4xx": "/" } }, false],
  [{ errorPages: { "404": 1 } }, false],
];

for (const [content, isRight] of FILES) {
  const verb = isRight ? "takes" : "refuses";
  Deno.test(`configSchema() ${verb} what readConfig() does: ${JSON.stringify(content)}`, () => {
    assertEquals(fits(content, configSchema()), isRight);
    assertEquals(isReadable(content), isRight);
  });
}

Deno.test("configSchema() describes every key, with the default where there is one", () => {
  const properties = configSchema().properties as Record<string, Schema>;
  const keys = OPTION_TABLE.filter((row) => isFrom(row, "file"))
    .map(({ key }) => key as string);
  assertEquals(
    Object.keys(properties).sort(),
    ["$schema", ...keys, ...RULE_KEYS].sort(),
  );
  for (const schema of Object.values(properties)) {
    assert(`${schema.description}`.length > 10);
    if (schema.default !== undefined) assert(fits(schema.default, schema));
  }
  assertEquals<unknown>(properties.index!.default, "index.html");
  assertEquals<unknown>(properties.listing!.default, true);
});

testWith(HAS_FILES, "the example in docs/configuration.md is right", () => {
  const url = new URL("../../docs/configuration.md", import.meta.url);
  const text = Deno.readTextFileSync(fromFileUrl(url));
  const examples = [...text.matchAll(/^```jsonc\n([^]*?)^```$/gm)];
  assert(examples.length > 0);
  for (const [, example] of examples) readConfig(example!, "skiff.json");
});
