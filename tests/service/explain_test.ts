import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Options } from "../../lib/cli/options.ts";
import { explain } from "../../lib/service/explain.ts";
import { PlanError } from "../../lib/service/plan.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import {
  bytesOf,
  exchange,
  HAS_FILES,
  HAS_NETWORK,
  parseResponses,
  type Response,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { planFor, TestService } from "./plans.ts";

const LONG = "a text that is worth the while ".repeat(100);

const FILES = {
  "index.html": "home",
  "about.html": "about",
  "docs/index.html": "docs",
  "plain/b.txt": "b",
  "long.txt": LONG,
  "coded.txt": LONG,
  "coded.txt.br": "not really br",
  "only.txt.br": "not really br",
  "404.html": "missing",
  "space in it.txt": "space",
  "ä.txt": "umlaut",
  "private/c.txt": "c",
  "_headers": "/docs/*\n  X-Docs: yes\n",
  "_redirects": "/from-file /about 301\nnonsense\n",
};

const RULES: Options["rules"] = {
  headers: [
    { for: "/*", values: [["X-All", "1"]], where: "skiff.json:3" },
  ],
  redirects: [
    {
      from: "/old",
      to: "/about",
      status: 302,
      force: false,
      where: "skiff.json:5",
    },
    {
      from: "/about/*",
      to: "/docs/",
      status: 200,
      force: false,
      where: "skiff.json:6",
    },
    {
      from: "/index.html",
      to: "/",
      status: 308,
      force: true,
      where: "skiff.json:7",
    },
    {
      from: "/gone",
      to: "/about.html",
      status: 410,
      force: false,
      where: "skiff.json:8",
    },
    {
      from: "/never",
      to: undefined,
      status: 451,
      force: true,
      where: "skiff.json:9",
    },
    {
      from: "/to/:name",
      to: "/:name",
      status: 200,
      force: false,
      where: "skiff.json:10",
    },
  ],
  errorPages: [],
};

const OPTIONS: Partial<Options> = {
  rules: RULES,
  header: [["X-Own", "ä"]],
  deny: ["192.0.2.0/24"],
  trustedProxy: ["127.0.0.1"],
  authFile: "who",
  authPaths: ["/private/*"],
};

type Fields = readonly (readonly [name: string, value: string])[];

/** What is asked, and steps that must be told of, in this order. */
const ROWS: readonly (readonly [
  target: string,
  fields: Fields,
  steps: readonly string[],
])[] = [
  ["/", [], [
    "look up  /: a directory",
    "look up  /index.html: a file, 4 bytes, text/html; charset=UTF-8",
    "headers  by skiff.json:3",
    "answer   the file as it is",
  ]],
  ["/about", [], [
    "rules    none of the rules that come before files matches",
    "look up  /about: nothing",
    "look up  /about.html: a file, 5 bytes",
    "answer   the file as it is",
  ]],
  ["/docs", [], [
    "look up  /docs: a directory",
    "answer   a redirect to Location",
  ]],
  ["/docs/?q=1", [], [
    "look up  /docs/index.html: a file",
    "headers  by skiff.json:3, _headers:1",
  ]],
  ["/plain/", [], [
    "look up  /plain/: a directory",
    "look up  /plain/index.html: nothing",
    "answer   a listing of the directory",
  ]],
  ["/old", [], [
    "skiff.json:5 redirects to /about (302)",
    "answer   a redirect to Location",
  ]],
  ["/from-file", [], ["_redirects:1 redirects to /about (301)"]],
  ["/about/x/y", [], [
    "skiff.json:6 rewrites to /docs/",
    "look up  /docs/index.html: a file",
  ]],
  ["/index.html?a", [], [
    "skiff.json:7 redirects to /",
    "answer   a redirect to Location",
  ]],
  ["/gone", [], [
    "skiff.json:8 answers 410 with /about.html",
    "answer   an error: GET is answered with 410",
  ]],
  ["/never", [], [
    "skiff.json:9 answers 451",
    "answer   an error: GET is answered with 451",
  ]],
  ["/nothing/at/all", [], [
    "rules    none of the rules for paths without a file matches",
    "look up  /404.html: a file",
    "answer   no file, page or listing has this path",
  ]],
  ["/.env", [], [
    "look up  /.env: nothing",
    "answer   no file, page or listing has this path",
  ]],
  ["/space%20in%20it.txt", [], ["look up  /space in it.txt: a file"]],
  ["/%c3%a4.txt", [], ["look up  /ä.txt: a file"]],
  ["/docs/../about.html", [], ["look up  /about.html: a file"]],
  ["/%zz", [], [
    "refused  this path needs a name and a password (--auth-file)",
  ]],
  ["/a\\b", [], [
    "refused  this path needs a name and a password (--auth-file)",
  ]],
  ["/coded.txt", [["Accept-Encoding", "br"]], [
    "answer   the file in br, which Accept-Encoding prefers",
  ]],
  ["/coded.txt", [["Accept-Encoding", "br;q=0"]], [
    "answer   the file as it is",
  ]],
  ["/only.txt", [["Accept-Encoding", "br"]], [
    "look up  /only.txt: a file, only as br, text/plain; charset=UTF-8",
    "answer   the file in br, which Accept-Encoding prefers",
  ]],
  ["/only.txt", [], [
    "look up  /only.txt: a file, only as br",
    "answer   the file exists only in codings that Accept-Encoding does not name",
  ]],
  ["/long.txt", [["Accept-Encoding", "gzip"]], [
    "encoding gzip is made on the first request",
    "look up  /long.txt: a file",
    "answer   the file in gzip",
  ]],
  ["/about.html", [["Range", "bytes=1-2"]], [
    "answer   a part of the file, as Range requests",
  ]],
  ["/about.html", [["Range", "bytes=99-"]], [
    "answer   Range requests bytes that the file does not have",
  ]],
  ["/about.html", [["If-None-Match", "*"]], [
    "answer   the client's copy is still fresh",
  ]],
  ["/about.html", [["If-Match", '"x"']], [
    "answer   the client's own condition does not hold",
  ]],
  ["/about.html", [["Expect", "a miracle"]], [
    "answer   an error: GET is answered with 417",
  ]],
  ["/about.html", [["Host", "evil.example"]], [
    "refused  this Host is not allowed (--allowed-hosts)",
    "answer   an error: GET is answered with 421",
  ]],
  ["/about.html", [["X-Forwarded-For", "192.0.2.1"]], [
    "refused  the client's address is not allowed (--allow, --deny)",
  ]],
  ["/private/c.txt", [], [
    "refused  this path needs a name and a password (--auth-file)",
    "answer   an error: GET is answered with 401",
  ]],
  ["/private/c.txt", [["authorization", `Basic ${btoa("ann:secret")}`]], [
    "look up  /private/c.txt: a file",
    "answer   the file as it is",
  ]],
  ["/to/%1b[31m%0aanswer%c2%9b%e2%80%ae", [], [
    "skiff.json:10 rewrites to /%1B[31m%0Aanswer%C2%9B%E2%80%AE",
  ]],
  ["/%1b]0;title%07", [], ["look up  /%1B]0;title%07: nothing"]],
  ["/%d8%9c%e2%80%8e%e2%80%8f%f3%a0%81%81", [], [
    "look up  /%D8%9C%E2%80%8E%E2%80%8F%F3%A0%81%81: nothing",
  ]],
];

/** The files, written an hour ago: what was written a moment ago has other fields a moment later. */
function directoryFromBefore(): TemporaryDirectory {
  const directory = new TemporaryDirectory(FILES);
  const before = new Date(Date.now() - 3_600_000);
  for (const name of Object.keys(FILES)) {
    Deno.utimeSync(directory.join(name), before, before);
  }
  return directory;
}

for (const [target, fields, steps] of ROWS) {
  const name = `${target} ${fields.map((field) => field.join(": "))}`;
  testWith(
    HAS_NETWORK,
    `explain() tells what the server does: ${name}`,
    async () => {
      using directory = directoryFromBefore();
      const parts = { options: OPTIONS, credentials: ANN_LINE };
      const text = await explain(
        planFor(directory.path, parts),
        target,
        fields,
      );
      assert(
        !/[\p{Cc}\p{Cf}]/u.test(text.replaceAll("\n", "")),
        JSON.stringify(text),
      );
      const told = text.split("\n\n", 1)[0]!.split("\n");
      assertEquals(told, [...new Set(told)]);
      let at = 0;
      for (const step of steps) {
        const found = text.indexOf(step, at);
        assert(found !== -1, `${step} in\n${text}`);
        at = found + step.length;
      }
      assert(text.startsWith(`GET ${target}\n`), text);
      assert(text.includes("  note     _redirects:2: "), text);

      await using server = new TestService(planFor(directory.path, parts));
      const ask = () => requestLike(server.port, target, fields);
      let answer = await ask();
      if (text.includes("  encoding ")) {
        const end = Date.now() + 10_000;
        while (!answer.fields.has("content-encoding")) {
          assert(Date.now() < end, "the variant was waited for in vain");
          answer = await ask();
        }
      }
      const [status, ...lines] = text.split("\n\n")[1]!.trimEnd().split("\n");
      assertEquals(status, `HTTP/1.1 ${answer.status} ${answer.reason}`);
      const size = lines.pop();
      const sent = [...answer.fields].map(([name, value]) =>
        `${name}: ${new TextDecoder().decode(bytesOf(value))}`
      );
      assertEquals(comparable(lines), comparable(sent));
      const length = answer.body.length;
      assertEquals(
        size,
        length === 0 ? "(no body)" : `(a body of ${length} bytes)`,
      );
    },
  );
}

/** Sends what explain() explains. */
async function requestLike(
  port: number,
  target: string,
  fields: Fields,
): Promise<Response> {
  const host = fields.some(([name]) => name === "Host") ? [] : ["localhost"];
  const lines = [
    ...host.map((name) => `Host: ${name}\r\n`),
    ...fields.map(([name, value]) => `${name}: ${value}\r\n`),
  ].join("");
  const text = await exchange(
    port,
    `GET ${target} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`,
  );
  return parseResponses(text, ["GET"])[0]!;
}

/** The field lines that do not depend on when and over what was asked, with names in lower case. */
function comparable(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.replace(/^[^:]+/, (name) => name.toLowerCase())
  ).filter((line) => !/^(?:date|connection): /.test(line)).sort();
}

/** What is no request. */
const HOSTILE:
  readonly (readonly [target: string, fields: Fields, status: number])[] = [
    ["", [], 400],
    [" ", [], 400],
    ["/a b", [], 400],
    ["/ä", [], 400],
    ["/a\r\nX: y", [], 400],
    ["/a HTTP/1.1\r\nX-Injected: 1\r\nY:", [], 400],
    ["/a HTTP/1.1\r\nHost: a\r\n\r\nGET /b", [], 400],
    ["/a HTTP/1.0\n\n", [], 400],
    [`/${"a".repeat(100_000)}`, [], 414],
    ["/", [["X", "a\r\n\r\nGET / HTTP/1.1"]], 400],
    ["/", [["Bad Name", "x"]], 400],
    ["/", [["", "x"]], 400],
    ["/", [["Host", "a"], ["Host", "b"]], 400],
    ["/", [["host", "a b"]], 400],
    ["/", [["X", "y".repeat(100_000)]], 431],
  ];

for (const [target, fields, status] of HOSTILE) {
  const name = JSON.stringify([target, fields]).slice(0, 60);
  testWith(
    HAS_FILES,
    `explain() refuses what is no request: ${name}`,
    async () => {
      using directory = new TemporaryDirectory(FILES);
      const error = await assertRejects(
        () => explain(planFor(directory.path), target, fields),
        PlanError,
      );
      assert(
        error.message.endsWith(
          `the parser rejects the request with ${status}`,
        ),
        error.message,
      );
      assert(error.message.length < 1000);
    },
  );
}

testWith(HAS_FILES, "explain() says what may not be read", async () => {
  using directory = new TemporaryDirectory({ "closed.txt": "x" });
  Deno.chmodSync(directory.join("closed.txt"), 0);
  const isReadable = () => {
    try {
      Deno.readFileSync(directory.join("closed.txt"));
      return true;
    } catch {
      return false;
    }
  };
  const text = await explain(planFor(directory.path), "/closed.txt", []);
  const expected = isReadable() ? "a file" : "may not be read (403)";
  assert(text.includes(`look up  /closed.txt: ${expected}`), text);
});

testWith(
  HAS_FILES,
  "explain() says what is wrong with the plan, as the server would",
  async () => {
    using directory = new TemporaryDirectory(FILES);
    const plan = planFor(directory.path, { options: { deny: ["x"] } });
    await assertRejects(() => explain(plan, "/", []), PlanError, "--deny");
  },
);
