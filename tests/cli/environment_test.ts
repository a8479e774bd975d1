import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readEnvironment, VARIABLES } from "../../lib/cli/environment.ts";
import { applySetting } from "../../lib/cli/option_row.ts";
import {
  defaultOptions,
  OPTION_TABLE,
  type Options,
  UsageError,
} from "../../lib/cli/options.ts";

type Variables = Readonly<Record<string, string>>;

function read(variables: Variables) {
  const map = new Map(Object.entries(variables));
  return readEnvironment((name) => map.get(name), [...map.keys()]);
}

function optionsOf(variables: Variables): Options {
  const options = defaultOptions();
  for (const setting of read(variables).settings) {
    applySetting(options, setting);
  }
  return options;
}

const GOOD: readonly (readonly [Variables, Partial<Options>])[] = [
  [{}, {}],
  [{ PATH: "/bin", PORT: "1" }, {}],
  [{ SKIFF_PORT: "81" }, { port: 81 }],
  [{ SKIFF_PORT: "" }, {}],
  [{ SKIFF_ROOT: "site" }, { root: "site" }],
  [{ SKIFF_CONFIG: "a.json" }, { config: "a.json" }],
  [{ SKIFF_CORS: "1" }, { cors: true }],
  [{ SKIFF_CORS: "off" }, {}],
  [{ SKIFF_LISTING: "no" }, { listing: false }],
  [{ SKIFF_SPA: "yes" }, { spa: "/index.html" }],
  [{ SKIFF_SPA: "0" }, {}],
  [{ SKIFF_SPA: "app.html" }, { spa: "/app.html" }],
  [{ SKIFF_LOG: "off" }, { log: "off" }],
  [{ SKIFF_ALLOW: "::1, 10.0.0.0/8" }, { allow: ["::1", "10.0.0.0/8"] }],
  [
    { SKIFF_HEADER: "A: 1, 2\n\r\n  B: 3\r\n" },
    { header: [["A", "1, 2"], ["B", "3"]] },
  ],
];

for (const [variables, changes] of GOOD) {
  Deno.test(`readEnvironment() understands ${JSON.stringify(variables)}`, () => {
    assertEquals(optionsOf(variables), { ...defaultOptions(), ...changes });
    assertEquals(read(variables).warnings, []);
  });
}

const BAD: readonly (readonly [Variables, message: string])[] = [
  [
    { SKIFF_PORT: "x" },
    'Cannot use "x" as a port: expected a number from 0 to 65535 (SKIFF_PORT)',
  ],
  [
    { SKIFF_CORS: "maybe" },
    'Cannot use "maybe" for SKIFF_CORS: expected true or false',
  ],
  [
    { SKIFF_INDEX: ".." },
    'Cannot use ".." for SKIFF_INDEX: expected the name of a file in the site',
  ],
  [{ SKIFF_ALLOW: "::1;::2" }, "as a network"],
  [{ SKIFF_ALLOW: "," }, 'Cannot use "" as a network'],
  [{ SKIFF_HEADER: "A" }, "for SKIFF_HEADER: expected 'Name: value'"],
  [{ SKIFF_PORT: "http://a" }, "as a port"],
];

for (const [variables, message] of BAD) {
  Deno.test(`readEnvironment() refuses ${JSON.stringify(variables)}`, () => {
    const error = assertThrows(() => optionsOf(variables), UsageError);
    assertStringIncludes(error.message, message);
  });
}

const WARNINGS: readonly (readonly [Variables, warning: string | undefined])[] =
  [
    [{ SKIFF_PROT: "1" }, "did you mean SKIFF_PORT?"],
    [{ SKIFF_TLSCERT: "1" }, "did you mean SKIFF_TLS_CERT?"],
    [{ SKIFF_NOTHING_OF_OURS: "1" }, "there is no such option"],
    [{ SKIFF_HELP: "1" }, "SKIFF_HELP"],
    [{ SKIFF_: "1" }, "SKIFF_"],
    [{ ["SKIFF_" + "X".repeat(1e6)]: "1" }, "…"],
    [{ SKIFFY: "1" }, undefined],
    [{ skiff_port: "1" }, undefined],
    [{ SKIFF_SERVICE_HOST: "10.0.0.1" }, undefined],
    [{ SKIFF_SERVICE_PORT: "80" }, undefined],
    [{ SKIFF_SERVICE_PORT_HTTP: "80" }, undefined],
    [{ SKIFF_PORT_80_TCP_ADDR: "10.0.0.1" }, undefined],
    [{ SKIFF_PORT: "tcp://10.0.0.1:80" }, "it comes from a Kubernetes service"],
  ];

for (const [variables, warning] of WARNINGS) {
  const shown = JSON.stringify(variables).slice(0, 50);
  Deno.test(`readEnvironment() warns of ${shown}: ${warning ?? "not"}`, () => {
    const { settings, warnings } = read(variables);
    assertEquals(settings.length, 0);
    assertEquals(warnings.length, warning === undefined ? 0 : 1);
    if (warning !== undefined) assertStringIncludes(warnings[0]!, warning);
  });
}

Deno.test("readEnvironment() asks for nothing but what it says it does", () => {
  const asked: string[] = [];
  readEnvironment((name) => {
    asked.push(name);
    return undefined;
  });
  assertEquals(asked, [...VARIABLES]);
  const flagsAlone = ["help", "version", "printConfig"];
  assertEquals(VARIABLES.length, OPTION_TABLE.length - flagsAlone.length);
});
