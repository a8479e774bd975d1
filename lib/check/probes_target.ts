/**
 * Probes of request lines, hosts and paths (RFC 9110, RFC 9112, RFC 3986).
 *
 * @module
 */

import { formatHttpDate, parseHttpDate } from "../http/date.ts";
import {
  expectOkOrRefusal,
  expectRefusal,
  expectResponse,
  expectStatus,
  faultUnless,
  type Judge,
  MISSING_FILE,
  type Probe,
  probesOf,
  request,
  shown,
} from "./probe.ts";

const { must, should } = probesOf("target");

/** Values of Host that must be refused. */
const BAD_HOSTS = ["a b", "a/b", "a@b", "a, b", "a:b", "[::1", "a#b", "a?b"];

/** Versions that are none. */
const BAD_VERSIONS = [
  "http/1.1",
  "HTTP/1",
  "HTTP/1.1.1",
  "HTTP/1,1",
  "HTTP/11",
  "HTTP/ 1.1",
  "HTP/1.1",
  "HTTP/1.x",
];

/** Targets that must be refused, or at least lead to nothing. */
const BAD_TARGETS:
  readonly (readonly [section: string, title: string, target: string])[] = [
    ["RFC 9112 §3.2", "a target with a fragment", "/#x"],
    ["RFC 9112 §3.2", "a target without a slash", "x"],
    [
      "RFC 9112 §3.2.3",
      "a host and a port as the target of GET",
      "example.com:80",
    ],
    ["RFC 9112 §3.2.4", "* as the target of GET", "*"],
    ["RFC 3986 §2.1", "% without two digits", "/%"],
    ["RFC 3986 §2.1", "% with a digit that is none", "/%zz"],
    ["RFC 3986 §7.3", "an encoded NUL", "/%00"],
    ["RFC 3629 §3", "an overlong encoding of a dot", "/%c0%ae%c0%ae/"],
    ["RFC 3629 §3", "bytes that are not UTF-8", "/%ff%fe"],
    ["RFC 3986 §2", "a byte beyond ASCII", "/\xe9"],
    ["RFC 3986 §2", "a quotation mark", '/"'],
    ["RFC 3986 §2", "angle brackets", "/<x>"],
  ];

/** All probes of request lines, hosts and paths. */
export const TARGET_PROBES: readonly Probe[] = [
  must(
    "RFC 9112 §3.2",
    "HTTP/1.1 without Host is refused",
    { host: "" },
    expectStatus(400),
  ),
  must(
    "RFC 9112 §3.2",
    "two Hosts are refused",
    (file) => request(file, { lines: [`Host: ${file.host}`] }),
    expectStatus(400),
  ),
  ...BAD_HOSTS.map((host) =>
    must(
      "RFC 9112 §3.2",
      `the Host "${host}" is refused`,
      { host: `Host: ${host}` },
      (exchange) =>
        exchange.responses[0]?.status === 421
          ? undefined
          : expectStatus(400)(exchange),
    )
  ),
  ...BAD_VERSIONS.map((version) =>
    should(
      "RFC 9112 §2.3",
      `the version "${version}" is refused`,
      { version },
      expectRefusal,
    )
  ),
  ...["HTTP/2.0", "HTTP/3.0", "HTTP/9.9"].map((version) =>
    should("RFC 9110 §15.6.6", `${version} in a request line is refused`, {
      version,
    }, expectRefusal)
  ),
  should("RFC 9110 §2.5", "a later minor version is answered as HTTP/1.1", {
    version: "HTTP/1.2",
  }, expectStatus(200)),
  should(
    "RFC 9112 §3",
    "a request line without a version is refused",
    (file) => `GET ${file.target}\r\n\r\n`,
    expectRefusal,
  ),
  should(
    "RFC 9110 §9.1",
    "methods are case-sensitive",
    { method: "get" },
    expectRefusal,
  ),
  ...["SKIFFPROBE", "X-PROBE"].map((method) =>
    should(
      "RFC 9110 §9.1",
      `the unknown method ${method} gets 501`,
      { method },
      expectStatus(501, 405),
    )
  ),
  ...["G@T", "G(ET)", "GE\xe9T"].map((method) =>
    should(
      "RFC 9112 §3.1",
      `the method ${JSON.stringify(method)}, which is no token, is refused`,
      { method },
      expectRefusal,
    )
  ),
  must(
    "RFC 9112 §3.2.2",
    "a target with scheme and host is accepted",
    (file) => request(file, { target: `http://${file.host}${file.target}` }),
    expectStatus(200),
  ),
  should("RFC 9112 §3.2.4", "OPTIONS * is understood", {
    method: "OPTIONS",
    target: "*",
  }, (exchange) => {
    const status = exchange.responses[0]?.status ?? 0;
    return faultUnless(
      status > 0 && status < 500 && status !== 400,
      `got ${shown(exchange)}`,
    );
  }),
  ...BAD_TARGETS.map(([section, title, target]) =>
    should(section, `${title} leads to nothing`, { target }, expectRefusal)
  ),
  should(
    "RFC 9112 §3",
    "a target of 8,000 characters is not too long",
    (file) =>
      request(file, {
        target: `${file.target}?${"a".repeat(7_900 - file.target.length)}`,
      }),
    expectStatus(200),
  ),
  must(
    "RFC 9112 §3",
    "a target of 100,000 characters is accepted or refused",
    (file) =>
      request(file, { target: `${file.target}?${"a".repeat(100_000)}` }),
    expectOkOrRefusal,
  ),
  must(
    "RFC 3986 §6.2.2.2",
    "an encoded letter means the letter",
    (file) => request(file, { target: encodedLetter(file.target) }),
    expectStatus(200, 301, 302, 307, 308),
  ),
  should(
    "RFC 3986 §5.2.4",
    "dot segments are removed",
    (file) => request(file, { target: `/skiff-check/..${file.target}` }),
    expectStatus(200, 301, 302, 307, 308, 400),
  ),
  should(
    "RFC 3986 §3.4",
    "a query does not change which file is sent",
    (file) =>
      request(file, { target: `${file.target.split("?")[0]}?skiff=check` }),
    expectStatus(200),
  ),
  must("RFC 9110 §6.6.1", "a file has Date", {}, hasField("Date")),
  should(
    "RFC 9110 §8.3",
    "a file has Content-Type",
    {},
    hasField("Content-Type"),
  ),
  must(
    "RFC 9110 §6.6.1",
    "an error has Date",
    { beside: MISSING_FILE },
    hasField("Date"),
  ),
  must(
    "RFC 9110 §5.6.7",
    "dates are written as the standard prefers",
    {},
    expectResponse(200, ({ fields }) => {
      const bad = ["date", "last-modified", "expires"].find((name) => {
        const value = fields.get(name);
        return value !== undefined &&
          !(name === "expires" && /^(?:0|-1)$/.test(value)) &&
          !isPreferredDate(value);
      });
      return bad === undefined ? undefined : `${bad}: ${fields.get(bad)}`;
    }),
  ),
];

/** Judges that the first response has a field, whatever its status. */
function hasField(name: string): Judge {
  return ({ responses: [response] }) =>
    faultUnless(
      response?.fields.has(name.toLowerCase()),
      `there is no ${name}`,
    );
}

/** Whether a date is an IMF-fixdate, and one of the calendar. */
function isPreferredDate(value: string): boolean {
  const time = parseHttpDate(value, 0);
  if (time === undefined) return false;
  // A leap second is read as the one before.
  return formatHttpDate(time) === value.replace(/:60 GMT$/, ":59 GMT");
}

function encodedLetter(target: string): string {
  const at = target.search(/[A-Za-z0-9](?=[^?]*$|[^?]*\?)/);
  if (at === -1) return target;
  const code = target.charCodeAt(at).toString(16).toUpperCase();
  return `${target.slice(0, at)}%${code}${target.slice(at + 1)}`;
}
