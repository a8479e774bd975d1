import { assertEquals } from "@std/assert";
import { parseLogLine } from "../../lib/check/log_line.ts";
import { LOG_FORMATS } from "../../lib/observe/log_format.ts";
import { EXCHANGE } from "../observe/exchanges.ts";

const HEAD = "192.0.2.1 - - [27/Nov/2026:10:00:00 +0000]";

/** Lines, and the request that they are. */
const LINES: readonly (readonly [
  line: string,
  request:
    | readonly [
      method: string,
      target: string,
      status: number,
      bytes: number | undefined,
    ]
    | undefined,
])[] = [
  [`${HEAD} "GET /a?b HTTP/1.1" 200 12`, ["GET", "/a?b", 200, 12]],
  [`${HEAD} "GET /a HTTP/1.1" 304 -`, ["GET", "/a", 304, 0]],
  [
    `${HEAD} "GET /a HTTP/1.1" 200 12 "https://a.example/" "Mozilla/5.0 (X11)"`,
    ["GET", "/a", 200, 12],
  ],
  // nginx: a user, and more fields behind.
  [
    `2001:db8::1 - ann [27/Nov/2026:10:00:00 +0100] "HEAD / HTTP/2.0" 200 0 "-" "curl/8" "10.0.0.1" 0.001`,
    ["HEAD", "/", 200, 0],
  ],
  // Apache: a name with a space, escapes.
  [
    `192.0.2.1 - ann smith [27/Nov/2026:10:00:00 +0000] "GET /a\\"b HTTP/1.0" 404 5`,
    ["GET", '/a"b', 404, 5],
  ],
  [`${HEAD} "GET /caf\\xc3\\xa9 HTTP/1.1" 200 1`, [
    "GET",
    "/caf\xc3\xa9",
    200,
    1,
  ]],
  [`${HEAD} "GET /old" 200 1`, ["GET", "/old", 200, 1]],
  [`${HEAD} "-" 400 0`, undefined],
  [`${HEAD} "\\x16\\x03\\x01" 400 0`, undefined],
  [`${HEAD} "GET /a b HTTP/1.1" 400 0`, undefined],
  [`${HEAD} "GET /a HTTP/1.1" 2000 1`, undefined],
  [`${HEAD} "GET /a HTTP/1.1`, undefined],
  ["", undefined],
  ["[".repeat(5000), undefined],
  [`${HEAD} "${"\\".repeat(5001)}`, undefined],
  ["\x1b[31mGET /", undefined],
  // JSON: skiff, Caddy, nginx, Traefik.
  ['{"method":"GET","target":"/a","status":200,"bytes":3}', [
    "GET",
    "/a",
    200,
    3,
  ]],
  ['{"request":{"method":"GET","uri":"/a?b"},"status":404,"size":0}', [
    "GET",
    "/a?b",
    404,
    0,
  ]],
  ['{"request":"GET /a HTTP/1.1","status":"200","body_bytes_sent":"7"}', [
    "GET",
    "/a",
    200,
    7,
  ]],
  ['{"request_method":"GET","request_uri":"/a","status":"304"}', [
    "GET",
    "/a",
    304,
    undefined,
  ]],
  ['{"RequestMethod":"GET","RequestPath":"/a","DownstreamStatus":200}', [
    "GET",
    "/a",
    200,
    undefined,
  ]],
  ['{"method":"GET","target":"/a"}', undefined],
  ['{"method":"GET","target":null,"status":400}', undefined],
  ['{"method":"GET","target":"/a","status":-1}', undefined],
  ['{"method":"GET","target":"/a","status":true}', undefined],
  ['{"method":"GET","target":"/a","status":""}', undefined],
  ['{"method":"GET","target":"/a","status":1e999}', undefined],
  ['{"method":', undefined],
  ["{}", undefined],
  ['{"request":[]}', undefined],
];

for (const [line, request] of LINES) {
  Deno.test(`parseLogLine() of ${JSON.stringify(line.slice(0, 90))}`, () => {
    const found = parseLogLine(line);
    assertEquals(
      found && [found.method, found.target, found.status, found.bytes] as const,
      request && [...request] as never,
    );
  });
}

for (const [name, format] of Object.entries(LOG_FORMATS)) {
  Deno.test(`parseLogLine() reads what --log ${name} writes`, () => {
    const line = format(EXCHANGE);
    const found = parseLogLine(line.trimEnd());
    assertEquals(found?.method, "GET", line);
  });
}
