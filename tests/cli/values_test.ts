import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  nearest,
  parseChoice,
  parseField,
  parseFieldValue,
  parseHeader,
  parseName,
  parseNumber,
  parsePath,
  parsePathPattern,
  UsageError,
} from "../../lib/cli/values.ts";
import { assertQuick } from "../quickness.ts";

const PARSERS = {
  port: (text: string) => parseNumber(text, "a port", [0, 65535]),
  workers: (text: string) =>
    parseNumber(text, "a number of workers", [1, 64], { choices: ["auto"] }),
  seconds: (text: string) => parseNumber(text, "a time", [0, 300]),
  rate: (text: string) =>
    parseNumber(text, "a rate", [0.5, 100], { isFractional: true }),
  parseChoice: (text: string) => parseChoice(text, "a form", ["json", "off"]),
  parseName: (text: string) => parseName(text, "--index"),
  parsePath: (text: string) => parsePath(text, "--tls-key"),
  parsePathPattern: (text: string) => parsePathPattern(text, "--auth-paths"),
  parseFieldValue: (text: string) => parseFieldValue(text, "--cache-control"),
  parseField: (text: string) => parseField(text, "--header"),
  parseHeader: (text: string) => parseHeader(text, "--header"),
};

type Parser = keyof typeof PARSERS;

const GOOD:
  readonly (readonly [parser: Parser, text: string, value: unknown])[] = [
    ["port", "0", 0],
    ["port", "65535", 65535],
    ["port", "08080", 8080],
    ["workers", "1", 1],
    ["workers", "64", 64],
    ["seconds", "0", 0],
    ["seconds", "300", 300],
    ["rate", "0.5", 0.5],
    ["rate", "100", 100],
    ["rate", "1.25", 1.25],
    ["parseChoice", "off", "off"],
    ["parseName", "main.htm", "main.htm"],
    ["parseName", "/shell/app.html", "shell/app.html"],
    ["parseName", "./app.html", "app.html"],
    ["parsePath", "a b", "a b"],
    ["parsePathPattern", "/*", "/*"],
    ["parsePathPattern", "/a/:b/é", "/a/:b/é"],
    ["parseFieldValue", "  a\tb ", "a\tb"],
    ["parseField", "Range: bytes=0-1", ["Range", "bytes=0-1"]],
    ["parseField", "ETag: x", ["ETag", "x"]],
    ["parseHeader", "X-Frame-Options: DENY", ["X-Frame-Options", "DENY"]],
    ["parseHeader", "X-Empty:", ["X-Empty", ""]],
    ["parseHeader", "X-Tight:value", ["X-Tight", "value"]],
    ["parseHeader", "X-Space:   both   ", ["X-Space", "both"]],
    ["parseHeader", "CSP: default-src 'self'; img-src data:", [
      "CSP",
      "default-src 'self'; img-src data:",
    ]],
  ];

for (const [parser, text, value] of GOOD) {
  Deno.test(`${parser}() understands ${JSON.stringify(text)}`, () => {
    assertEquals<unknown>(PARSERS[parser](text), value);
  });
}

const BAD:
  readonly (readonly [parser: Parser, text: string, message: string])[] = [
    ["port", "http", 'Cannot use "http" as a port'],
    ["port", "", 'Cannot use "" as a port'],
    ["port", "65536", "from 0 to 65535"],
    ["port", "-1", "as a port"],
    ["port", "80.5", "as a port"],
    ["port", "1e3", "as a port"],
    ["port", "0x50", "as a port"],
    ["port", " 80", "as a port"],
    ["port", "８０", "as a port"],
    ["port", "9".repeat(400), "…"],
    ["workers", "0", "from 1 to 64, or auto"],
    ["workers", "65", "from 1 to 64"],
    ["workers", "many", 'Cannot use "many"'],
    ["workers", "1.5", 'Cannot use "1.5"'],
    ["seconds", "301", "expected a number from 0 to 300"],
    ["seconds", "1.0", "as a time"],
    ["seconds", "Infinity", "as a time"],
    ["seconds", "00000000001", "as a time"],
    ["rate", "0.4", "from 0.5 to 100"],
    ["rate", "100.1", "from 0.5 to 100"],
    ["rate", "1.", "as a rate"],
    ["rate", ".5", "as a rate"],
    ["rate", "NaN", "as a rate"],
    ["rate", "1,5", "as a rate"],
    ["parseChoice", "jsn", "expected one of json, off, perhaps json"],
    ["parseChoice", "JSON-LINES", "expected one of json, off"],
    ["parseChoice", "", "expected one of json, off"],
    ["parseChoice", "__proto__", "expected one of json, off"],
    ["parseName", "../secret", "for --index: expected the name of a file"],
    ["parseName", "a//b", "expected the name of a file in the site"],
    ["parseName", "a\0b", "expected the name of a file in the site"],
    ["parseName", "a\\b", "expected the name of a file in the site"],
    ["parseName", "/", "expected the name of a file in the site"],
    ["parsePath", "", "for --tls-key: expected a path"],
    ["parsePath", "a\0b", "expected a path"],
    ["parsePathPattern", "private", "expected a path such as /private/*"],
    ["parsePathPattern", "", "expected a path"],
    ["parsePathPattern", "/a\nb", "expected a path"],
    ["parseFieldValue", "a\r\nSet-Cookie: b", "control characters"],
    ["parseFieldValue", "a\0", "control characters"],
    ["parseField", "nonsense", "expected 'Name: value'"],
    ["parseField", ": value", "expected 'Name: value'"],
    ["parseField", "Two words: value", "expected 'Name: value'"],
    ["parseHeader", "A: b\r\nC: d", "control characters"],
    ["parseHeader", "Content-Length: 5", "Cannot set Content-Length"],
    ["parseHeader", "TRANSFER-ENCODING: x", "Cannot set TRANSFER-ENCODING"],
    ["parseHeader", "connection: close", "Cannot set connection"],
    ["parseHeader", "Cache-Control: no-store", "use --cache-control"],
  ];

for (const [parser, text, message] of BAD) {
  const shown = JSON.stringify(text.slice(0, 40));
  Deno.test(`${parser}() refuses ${shown}: ${message}`, () => {
    const error = assertThrows(() => PARSERS[parser](text), UsageError);
    assertStringIncludes(error.message, message);
    // One sentence without a period, saying what could not be done.
    assertMatch(error.message, /^Cannot [^]*[^.]$/);
  });
}

Deno.test("nearest() finds what was meant, and nothing far away", () => {
  assertEquals(nearest("prot", ["host", "port"]), "port");
  assertEquals(nearest("prot", ["root", "port"]), "port");
  assertEquals(nearest("nonsense", ["host", "port"]), undefined);
  assertEquals(nearest("port", []), undefined);
  assertEquals(nearest("--https", ["--hsts"]), undefined);
  assertEquals(nearest("SKIFF_HTTPS", ["SKIFF_HSTS"]), undefined);
  assertEquals(
    nearest("SKIFF_PROT", ["SKIFF_HOST", "SKIFF_PORT"]),
    "SKIFF_PORT",
  );
  assertEquals(nearest("--list", ["--listing", "--no-listing"]), "--listing");
  assertEquals(nearest("--no-comp", ["--no-compression"]), undefined);
  assertEquals(nearest("--http", ["--https-redirect"]), undefined);
  assertEquals(nearest("log", ["login", "logout"]), undefined);
  assertEquals(nearest("--con", ["--connections"]), undefined);
  assertEquals(nearest("requests", ["requestId", "requestsPer"]), "requestId");
  assertEquals(nearest("allowed", ["allowedHosts", "allowedUsers"]), undefined);
  assertEquals(nearest("hosts-and-ports", ["host", "hosts"]), undefined);
  // As near to the one as to the other.
  assertEquals(nearest("post", ["host", "port"]), undefined);
  assertEquals(nearest("x".repeat(60), ["x".repeat(59)]), "x".repeat(59));
  assertEquals(nearest("x".repeat(61), ["x".repeat(60)]), undefined);
});

Deno.test("nearest() takes no time over names of a megabyte", async () => {
  const name = "p".repeat(2 ** 20);
  await assertQuick(
    100,
    () => assertEquals(nearest(name, ["port", "host"]), undefined),
  );
});
