/**
 * Probes of framing: lengths, chunks, fields, the end of connections (RFC 9112).
 * Each request ends at the same byte however it is read, so that no server on
 * the way takes a part of it for another client's request.
 *
 * @module
 */

import {
  expectLength,
  expectNoContent,
  expectOkOrRefusal,
  expectRefusal,
  expectRefusalOrEnd,
  expectStatus,
  faultUnless,
  type Judge,
  MISSING_FILE,
  type Probe,
  probesOf,
  request,
  shown,
} from "./probe.ts";
import { type Lines, skip } from "./probe_values.ts";

const { must, should } = probesOf("framing");

const CHUNKED = "Transfer-Encoding: chunked";
const END = "0\r\n\r\n";

/** Requests with lines and content that must be refused. */
const REFUSED: readonly (readonly [
  section: string,
  title: string,
  lines: Lines,
  body?: string,
])[] = [
  ...[
    "+0",
    "-1",
    "0x0",
    "0 0",
    "a",
    "1e0",
    "0;",
    "99999999999999999999999",
    "0.0",
  ]
    .map((value) =>
      ["RFC 9112 §6.3", `Content-Length "${value}" is refused`, [
        `Content-Length: ${value}`,
      ]] as const
    ),
  ["RFC 9112 §6.3", "two different Content-Lengths are refused", [
    "Content-Length: 1",
    "Content-Length: 2",
  ], "\r\n"],
  ["RFC 9112 §6.3", "a list of different Content-Lengths is refused", [
    "Content-Length: 1, 2",
  ], "\r\n"],
  [
    "RFC 9112 §6.3",
    "a Transfer-Encoding that does not end with chunked is refused",
    ["Transfer-Encoding: gzip"],
  ],
  ["RFC 9112 §6.3", "chunked before another coding is refused", [
    "Transfer-Encoding: chunked, gzip",
  ], END],
  ["RFC 9112 §6.3", "Transfer-Encoding identity is refused", [
    "Transfer-Encoding: identity",
  ]],
  ["RFC 9112 §6.3", "Transfer-Encoding xchunked is refused", [
    "Transfer-Encoding: xchunked",
  ], END],
  [
    "RFC 9112 §6.3",
    "Transfer-Encoding with a parameter in place of chunked is refused",
    ["Transfer-Encoding: x;chunked"],
    END,
  ],
  ["RFC 9112 §5.1", "space between a name and its colon is refused", [
    "X-Probe : 1",
  ]],
  ["RFC 9112 §5.1", "a tab between a name and its colon is refused", [
    "X-Probe\t: 1",
  ]],
  ["RFC 9112 §5.1", "Content-Length with space before the colon is refused", [
    "Content-Length : 0",
  ]],
  [
    "RFC 9112 §5.1",
    "Transfer-Encoding with space before the colon is refused",
    ["Transfer-Encoding : chunked"],
    END,
  ],
];

/** Bad content in chunks. */
const BAD_CHUNKS: readonly (readonly [title: string, body: string])[] = [
  ["a chunk size that is no number is refused", `x\r\n${END}`],
  ["a negative chunk size is refused", `-1\r\n${END}`],
  ["a chunk size with a sign is refused", `+0\r\n\r\n`],
  ["a chunk size with 0x is refused", `0x0\r\n\r\n`],
  ["a chunk size beyond 64 bits is refused", `10000000000000000\r\n${END}`],
  ["an empty chunk size is refused", `\r\n${END}`],
  ["a chunk size with a space in it is refused", `0 0\r\n\r\n`],
  ["a chunk longer than its size is refused", `1\r\nabc\r\n${END}`],
];

/** Good content in chunks. */
const CHUNKS: readonly (readonly [title: string, body: string])[] = [
  ["chunk extensions are ignored", `1;a=b;c="d"\r\nx\r\n${END}`],
  ["trailers are taken", `1\r\nx\r\n0\r\nX-Probe: 1\r\n\r\n`],
  [
    "chunk sizes may have leading zeros and capitals",
    `00A\r\n0123456789\r\n${END}`,
  ],
];

/** Lines that no server may stumble over, in requests that are answered as usual. */
const HARMLESS:
  readonly (readonly [section: string, title: string, lines: Lines])[] = [
    ["RFC 9112 §5", "fields without a value are taken", ["X-Probe:"]],
    ["RFC 9110 §5.6.3", "space around a value is taken", ["X-Probe: \t 1 \t "]],
    ["RFC 9110 §5.1", "names in any case are taken", ["aCcEpT: */*"]],
    ["RFC 9110 §7.6.1", "Connection may name any field", [
      "Connection: X-Probe, keep-alive",
      "X-Probe: 1",
    ]],
    ["RFC 9110 §7.8", "Upgrade to something unknown is ignored", [
      "Connection: Upgrade",
      "Upgrade: probe/9",
    ]],
    ["RFC 9110 §5.4", "a field of 2,000 characters is taken", [
      `X-Probe: ${"a".repeat(2000)}`,
    ]],
    [
      "RFC 9110 §5.4",
      "fifty fields are taken",
      Array.from({ length: 50 }, (_, index) => `X-Probe-${index}: 1`),
    ],
    ["RFC 9110 §8.6", "Content-Length 0 is taken", ["Content-Length: 0"]],
  ];

/** Names of fields that are not tokens. */
const BAD_NAMES = [
  "X Probe: 1",
  ": 1",
  "X(Probe): 1",
  "X\x01Probe: 1",
  "X-Probe",
  "X\xe9: 1",
];

const isClosed: Judge = ({ isClosed }) =>
  faultUnless(isClosed, "the connection stays open");

/** All probes of framing. */
export const FRAMING_PROBES: readonly Probe[] = [
  ...REFUSED.map(([section, title, lines, body = ""]) =>
    must(section, title, { lines, body }, expectRefusal)
  ),
  ...BAD_CHUNKS.map(([title, body]) =>
    should(
      "RFC 9112 §7.1",
      title,
      { lines: [CHUNKED], body },
      expectRefusalOrEnd,
      { waitsForEnd: true },
    )
  ),
  ...HARMLESS.map(([section, title, lines]) =>
    must(section, title, { lines }, expectStatus(200))
  ),
  ...BAD_NAMES.map((line) =>
    should("RFC 9110 §5.1", `the line ${JSON.stringify(line)} is refused`, {
      lines: [line],
    }, expectRefusal)
  ),
  must(
    "RFC 9112 §6.1",
    "a request with Content-Length and Transfer-Encoding is refused, or ends the connection",
    { lines: ["Content-Length: 5", CHUNKED], body: END },
    expectRefusalOrEnd,
    { waitsForEnd: true },
  ),
  must(
    "RFC 9112 §6.1",
    "Transfer-Encoding in HTTP/1.0 is refused, or ends the connection",
    {
      version: "HTTP/1.0",
      lines: ["Connection: keep-alive", CHUNKED],
      body: END,
    },
    expectRefusalOrEnd,
    { waitsForEnd: true },
  ),
  ...CHUNKS.map(([title, body]) =>
    must(
      "RFC 9112 §7.1",
      title,
      (file) =>
        file.takesContent
          ? request(file, { lines: [CHUNKED], body })
          : skip("the server takes no GET with content"),
      expectStatus(200),
    )
  ),
  must(
    "RFC 9112 §9.3",
    "content is not read as the next request",
    (file) =>
      file.takesContent
        ? request(file, { lines: ["Content-Length: 5"], body: "GET /" }) +
          request(file)
        : skip("the server takes no GET with content"),
    (exchange) => {
      const [one, two] = exchange.responses;
      const isRight = two === undefined
        ? one !== undefined && exchange.isClosed
        : two.status === 200;
      return faultUnless(
        isRight,
        `the second response is ${shown(exchange, 1)}`,
      );
    },
    { methods: ["GET", "GET"] },
  ),
  must("RFC 9112 §9.3.2", "requests in a row are answered in their order", [
    {},
    { method: "HEAD" },
    { beside: MISSING_FILE },
  ], (exchange) => {
    const [one, two, three] = exchange.responses;
    if (exchange.isClosed && three === undefined && exchange.rest === "") {
      return skip("the server closes after a response");
    }
    const all = [0, 1, 2].map((index) => shown(exchange, index));
    return faultUnless(
      one?.status === 200 && two?.status === 200 && three !== undefined,
      `the responses are ${all.join(", ")}`,
    );
  }),
  should(
    "RFC 9112 §2.2",
    "an empty line before a request is ignored",
    (file) => `\r\n${request(file)}`,
    expectStatus(200),
  ),
  must(
    "RFC 9112 §2.2",
    "space before the first field is refused, or its line ignored",
    (file) => request(file, { host: ` X-Probe: 1\r\nHost: ${file.host}` }),
    expectOkOrRefusal,
  ),
  must("RFC 9112 §5.2", "a folded line is refused, or read as one", {
    lines: ["X-Probe: 1\r\n 2"],
  }, expectOkOrRefusal),
  must("RFC 9110 §5.4", "fields of 100,000 characters are taken or refused", {
    lines: [`X-Probe: ${"a".repeat(100_000)}`],
  }, expectOkOrRefusal),
  ...["close", "Close", "keep-alive, close"].map((value) =>
    must(
      "RFC 9112 §9.6",
      `"Connection: ${value}" ends the connection after the response`,
      { lines: [`Connection: ${value}`] },
      (exchange, file) =>
        expectStatus(200)(exchange) ?? isClosed(exchange, file),
      { waitsForEnd: true },
    )
  ),
  should("RFC 9112 §9.6", "a last response says Connection: close", {
    lines: ["Connection: close"],
  }, ({ responses: [response] }) =>
    faultUnless(
      /(?:^|[,\s])close(?:$|[,\s])/i.test(
        response?.fields.get("connection") ?? "",
      ),
      "there is no Connection: close",
    )),
  must(
    "RFC 9112 §9.3",
    "HTTP/1.0 without keep-alive ends the connection",
    { version: "HTTP/1.0" },
    (exchange, file) => expectOkOrRefusal(exchange) ?? isClosed(exchange, file),
    { waitsForEnd: true },
  ),
  must("RFC 9112 §6.1", "no chunks are sent to HTTP/1.0", {
    version: "HTTP/1.0",
    lines: ["Accept-Encoding: gzip"],
  }, (exchange) => {
    const [response] = exchange.responses;
    if (response === undefined) return expectRefusal(exchange);
    return response.fields.has("transfer-encoding")
      ? "there is Transfer-Encoding"
      : undefined;
  }, { waitsForEnd: true }),
  must(
    "RFC 9110 §10.1.1",
    "Expect: 100-continue gets 100 or a final response",
    {
      lines: ["Expect: 100-continue", "Content-Length: 2"],
      body: "\r\n",
    },
    expectOkOrRefusal,
  ),
  must(
    "RFC 9110 §9.3.2",
    "HEAD has no content",
    { method: "HEAD", lines: ["Connection: close"] },
    expectNoContent(200),
    { waitsForEnd: true },
  ),
  must("RFC 9110 §8.6", "HEAD has the Content-Length of GET, or none", {
    method: "HEAD",
  }, expectLength(200)),
  must(
    "RFC 9110 §8.6",
    "204 has no Content-Length",
    { method: "OPTIONS" },
    ({ responses: [response] }) =>
      response?.status !== 204
        ? skip("OPTIONS gets no 204")
        : response.fields.has("content-length")
        ? "there is Content-Length"
        : undefined,
  ),
];
