import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { optionsOf, readArguments } from "../../lib/cli/arguments.ts";
import {
  defaultOptions,
  type Options,
  UsageError,
} from "../../lib/cli/options.ts";

function optionsIn(args: readonly string[]) {
  return optionsOf(readArguments(args).settings);
}

const GOOD: readonly (readonly [line: string, changes: Partial<Options>])[] = [
  ["", {}],
  ["site", { root: "site" }],
  ["--port 80", { port: 80 }],
  ["--port=80", { port: 80 }],
  ["--port 1 --port 2", { port: 2 }],
  ["--host=[::1]", { host: "::1" }],
  ["--workers auto", { workers: "auto" }],
  ["--index main.htm", { index: "main.htm" }],
  ["--spa", { spa: "/index.html" }],
  ["--spa=app.html", { spa: "/app.html" }],
  ["--spa=/shell/app.html", { spa: "/shell/app.html" }],
  ["--spa site", { spa: "/index.html", root: "site" }],
  ["--spa --no-spa", { spa: undefined }],
  ["--no-listing", { listing: false }],
  ["--no-listing --listing", { listing: true }],
  ["--listing=false", { listing: false }],
  ["--listing=off", { listing: false }],
  ["--no-compression", { compression: false }],
  ["--cors", { cors: true }],
  ["--cors=true", { cors: true }],
  ["--cors=false", { cors: false }],
  ["--cors --no-cors", { cors: false }],
  ["--cors site", { cors: true, root: "site" }],
  ["--log json", { log: "json" }],
  ["--allow ::1,10.0.0.0/8", { allow: ["::1", "10.0.0.0/8"] }],
  ["--allow ::1 --port 1 --allow=::2", { allow: ["::1", "::2"], port: 1 }],
  ["--auth-paths /a/*,/b", { authPaths: ["/a/*", "/b"] }],
  ["--header A:1,2 --header=A:3", { header: [["A", "1,2"], ["A", "3"]] }],
  ["--admin :9000", { admin: { host: "127.0.0.1", port: 9000 } }],
  ["--help", { help: "everyday" }],
  ["-h", { help: "everyday" }],
  ["-h tls", { help: "tls" }],
  ["help", { help: "everyday" }],
  ["help tls", { help: "tls" }],
  ["help me", { help: "everyday" }],
  ["./help", { root: "./help" }],
  ["-- help", { root: "help" }],
  ["-p 80", { port: 80 }],
  ["-p80", { port: 80 }],
  ["-p=80", { port: 80 }],
  ["-p 80 --port 81", { port: 81 }],
  ["-s site", { spa: "/index.html", root: "site" }],
  ["-sp 80", { spa: "/index.html", port: 80 }],
  ["-sp80", { spa: "/index.html", port: 80 }],
  ["-c a.json", { config: "a.json" }],
  ["-V", { version: true }],
  ["--help site", { help: "everyday" }],
  ["--help tls", { help: "tls" }],
  ["--help=tls", { help: "tls" }],
  ["--help all", { help: "all" }],
  ["--help one two", { help: "everyday" }],
  ["site --help", { help: "everyday" }],
  ["explain --help", { help: "everyday" }],
  ["hash-password --help", { help: "everyday" }],
  ["--version", { version: true }],
  ["--print-config", { printConfig: true }],
  ["--config a/b.json", { config: "a/b.json" }],
  ["site --log=off --port 1", { root: "site", log: "off", port: 1 }],
  ["-- --port", { root: "--port" }],
  ["-- explain", { root: "explain" }],
  ["./explain", { root: "./explain" }],
  ["--cors tls", { cors: true, root: "tls" }],
];

for (const [line, changes] of GOOD) {
  Deno.test(`readArguments() understands ${JSON.stringify(line)}`, () => {
    const args = line === "" ? [] : line.split(" ");
    assertEquals(optionsIn(args), { ...defaultOptions(), ...changes });
  });
}

Deno.test("readArguments() gives nobody the values of somebody else", () => {
  optionsIn(["--header", "A: 1", "--port", "1", "--allow", "::1"]);
  assertEquals(optionsIn([]), defaultOptions());
});

/** Command lines that cannot be followed, and what the message must speak of. */
const BAD: readonly (readonly [args: readonly string[], message: string])[] = [
  [["--prot", "80"], "did you mean --port?"],
  [["--prot=80"], "did you mean --port?"],
  [["--quiet"], 'Cannot understand option "--quiet": use --log off'],
  [["-q"], '"-q": use --log off'],
  [["-qs"], '"-q": use --log off'],
  [["--silent"], '"--silent": use --log off'],
  [["--extract", "out"], "skiff cannot write files"],
  [["--extract=out"], "fetch them from the running server: wget -r URL"],
  [["--corse"], "did you mean --cors?"],
  [["--no-listng"], "did you mean --no-listing?"],
  [["--tlsCert", "a"], "did you mean --tls-cert?"],
  [["--HELP"], "did you mean --help?"],
  [["--ssl-cert"], "use --tls-cert with --tls-key"],
  [["--gopher"], "see --help"],
  [["--post", "80"], "see --help"],
  [["--secure"], "see --help"],
  [["--hots", "a"], "did you mean --host?"],
  [["--listings"], "did you mean --listing?"],
  [["-port", "80"], "did you mean --port?"],
  [["-port=80"], "did you mean --port?"],
  [["-listing"], "did you mean --listing?"],
  [["-x"], '"-x": see --help'],
  [["-p"], "Cannot use -p without a value: expected PORT"],
  [["-p="], "Cannot use -p without a value"],
  [["-p", "http"], 'Cannot use "http" as a port'],
  [["-sx"], '"-x"'],
  [["--nonsense-at-all"], "see --help"],
  [["--nonsense-at-all"], '"--nonsense-at-all"'],
  [["--root", "a"], '"--root": name the directory without an option'],
  [["--no-port"], '"--no-port"'],
  [["--no-header"], '"--no-header"'],
  [["--__proto__"], '"--__proto__"'],
  [["--constructor"], '"--constructor"'],
  [["--toString=1"], '"--toString"'],
  [["--=x"], "Cannot understand"],
  [["--" + "x".repeat(1e6)], "…"],
  [["one", "two"], 'Cannot serve "two" beside "one": expected one directory'],
  [
    ["one", "3000"],
    'Cannot serve "3000" beside "one": expected one directory; to listen on a port, use --port 3000',
  ],
  [["one", ":3000"], "use --port 3000"],
  [["serve", "dist"], "to serve a directory, name it without a command"],
  [["explian", "/a"], "did you mean the command explain?"],
  [[""], 'Cannot serve ""'],
  [["--cors=maybe"], 'Cannot use "maybe" for --cors: expected true or false'],
  [["--cors="], 'Cannot use "" for --cors: expected true or false'],
  [["--no-cors=true"], 'Cannot give --no-cors a value: use --cors="true"'],
  [["--port"], "Cannot use --port without a value: expected PORT"],
  [["--port="], "Cannot use --port without a value"],
  [["--port", ""], "Cannot use --port without a value"],
  [["--port", "http"], 'Cannot use "http" as a port: expected a number from 0'],
  [["--port", "--cors"], "Cannot use"],
  [["--port", "x", "--port", "80"], 'Cannot use "x" as a port'],
  [["--allow", "::1,,::2"], 'Cannot use "" as a network'],
  [["--allow", "localhost"], 'Cannot use "localhost" as a network'],
  [["--header", "Content-Length: 5"], "Cannot set Content-Length"],
  [["--help=tsl"], "as a group: expected one of files, deploy, listen"],
  [["--help=nothing"], "as a group"],
  [["explain"], "Cannot explain nothing"],
  [["explain", "site"], 'Cannot explain "site"'],
  [["explain", "/a", "one", "two"], 'Cannot serve "two" beside "one"'],
  [["explain", "/a", "--header", "x"], "expected 'Name: value'"],
  [["explain", "/a", "--header"], "expected 'Name: value'"],
  [["hash-password", "ann", "secret"], "expected one NAME and no more"],
  [["hash-password", "--port", "1"], "Cannot use --port with hash-password"],
];

for (const [args, message] of BAD) {
  const shown = JSON.stringify(args.map((arg) => arg.slice(0, 40)));
  Deno.test(`readArguments() refuses ${shown}: ${message}`, () => {
    const error = assertThrows(() => optionsIn(args), UsageError);
    assertStringIncludes(error.message, message);
    assertMatch(error.message, /^Cannot [^]*[^.]$/);
  });
}

Deno.test("readArguments() takes explain's path, fields and root apart", () => {
  const args = "explain /a site --header Range:b --spa --header=A:1".split(" ");
  const { command, operand, flags, settings } = readArguments(args);
  assertEquals<unknown>(command, "explain");
  assertEquals(operand, "/a");
  assertEquals(flags, [["header", "Range:b"], ["header", "A:1"]]);
  assertEquals(
    settings.map(({ row, value }) => [row.key, value]),
    [["spa", "true"], ["root", "site"]],
  );
});

Deno.test("readArguments() lets explain ask with fields that no reply may have", () => {
  const args = ["explain", "/a", "--header", "Connection: close"];
  assertEquals(readArguments(args).flags, [["header", "Connection: close"]]);
});

Deno.test("readArguments() takes a name for hash-password, or none", () => {
  assertEquals(readArguments(["hash-password"]).operand, undefined);
  const { command, operand, settings } = readArguments([
    "hash-password",
    "ann",
  ]);
  assertEquals<unknown>([command, operand], ["hash-password", "ann"]);
  assertEquals(settings.length, 0);
});

Deno.test("readArguments() says which flag each setting is from", () => {
  const { settings } = readArguments(["a", "--no-cors", "--allow=::1"]);
  assertEquals(
    settings.map(({ origin }) => [origin.source, origin.name]),
    [["flag", "--no-cors"], ["flag", "--allow"], ["flag", "ROOT"]],
  );
});
