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
  probeMaker,
  request,
  shown,
} from "./probe.ts";

const probe = probeMaker("target");

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
  probe({
    section: "RFC 9112 §3.2",
    title: "HTTP/1.1 without Host is refused",
    send: { host: "" },
    judge: expectStatus(400),
  }),
  probe({
    section: "RFC 9112 §3.2",
    title: "two Hosts are refused",
    send: (file) => request(file, { lines: [`Host: ${file.host}`] }),
    judge: expectStatus(400),
  }),
  ...BAD_HOSTS.map((host) =>
    probe({
      section: "RFC 9112 §3.2",
      title: `the Host "${host}" is refused`,
      send: { host: `Host: ${host}` },
      judge: (exchange) =>
        exchange.responses[0]?.status === 421
          ? undefined
          : expectStatus(400)(exchange),
    })
  ),
  ...BAD_VERSIONS.map((version) =>
    probe({
      section: "RFC 9112 §2.3",
      title: `the version "${version}" is refused`,
      level: "should",
      send: { version },
      judge: expectRefusal,
    })
  ),
  ...["HTTP/2.0", "HTTP/3.0", "HTTP/9.9"].map((version) =>
    probe({
      section: "RFC 9110 §15.6.6",
      title: `${version} in a request line is refused`,
      level: "should",
      send: { version },
      judge: expectRefusal,
    })
  ),
  probe({
    section: "RFC 9110 §2.5",
    title: "a later minor version is answered as HTTP/1.1",
    level: "should",
    send: { version: "HTTP/1.2" },
    judge: expectStatus(200),
  }),
  probe({
    section: "RFC 9112 §3",
    title: "a request line without a version is refused",
    send: (file) => `GET ${file.target}\r\n\r\n`,
    judge: expectRefusal,
    level: "should",
  }),
  probe({
    section: "RFC 9110 §9.1",
    title: "methods are case-sensitive",
    level: "should",
    send: { method: "get" },
    judge: expectRefusal,
  }),
  ...["SKIFFPROBE", "X-PROBE"].map((method) =>
    probe({
      section: "RFC 9110 §9.1",
      title: `the unknown method ${method} gets 501`,
      level: "should",
      send: { method },
      judge: expectStatus(501, 405),
    })
  ),
  ...["G@T", "G(ET)", "GE\xe9T"].map((method) =>
    probe({
      section: "RFC 9112 §3.1",
      title: `the method ${
        JSON.stringify(method)
      }, which is no token, is refused`,
      level: "should",
      send: { method },
      judge: expectRefusal,
    })
  ),
  probe({
    section: "RFC 9112 §3.2.2",
    title: "a target with scheme and host is accepted",
    send: (file) =>
      request(file, { target: `http://${file.host}${file.target}` }),
    judge: expectStatus(200),
  }),
  probe({
    section: "RFC 9112 §3.2.4",
    title: "OPTIONS * is understood",
    level: "should",
    send: { method: "OPTIONS", target: "*" },
    judge: (exchange) => {
      const status = exchange.responses[0]?.status ?? 0;
      return faultUnless(
        status > 0 && status < 500 && status !== 400,
        `got ${shown(exchange)}`,
      );
    },
  }),
  ...BAD_TARGETS.map(([section, title, target]) =>
    probe({
      section,
      title: `${title} leads to nothing`,
      level: "should",
      send: { target },
      judge: expectRefusal,
    })
  ),
  probe({
    section: "RFC 9112 §3",
    title: "a target of 8,000 characters is not too long",
    level: "should",
    send: (file) =>
      request(file, {
        target: `${file.target}?${"a".repeat(7_900 - file.target.length)}`,
      }),
    judge: expectStatus(200),
  }),
  probe({
    section: "RFC 9112 §3",
    title: "a target of 100,000 characters is accepted or refused",
    send: (file) =>
      request(file, { target: `${file.target}?${"a".repeat(100_000)}` }),
    judge: expectOkOrRefusal,
  }),
  probe({
    section: "RFC 3986 §6.2.2.2",
    title: "an encoded letter means the letter",
    send: (file) => request(file, { target: encodedLetter(file.target) }),
    judge: expectStatus(200, 301, 302, 307, 308),
  }),
  probe({
    section: "RFC 3986 §5.2.4",
    title: "dot segments are removed",
    level: "should",
    send: (file) => request(file, { target: `/skiff-check/..${file.target}` }),
    judge: expectStatus(200, 301, 302, 307, 308, 400),
  }),
  probe({
    section: "RFC 3986 §3.4",
    title: "a query does not change which file is sent",
    level: "should",
    send: (file) =>
      request(file, { target: `${file.target.split("?")[0]}?skiff=check` }),
    judge: expectStatus(200),
  }),
  probe({
    section: "RFC 9110 §6.6.1",
    title: "a file has Date",
    send: {},
    judge: hasField("Date"),
  }),
  probe({
    section: "RFC 9110 §8.3",
    title: "a file has Content-Type",
    level: "should",
    send: {},
    judge: hasField("Content-Type"),
  }),
  probe({
    section: "RFC 9110 §6.6.1",
    title: "an error has Date",
    send: { beside: MISSING_FILE },
    judge: hasField("Date"),
  }),
  probe({
    section: "RFC 9110 §5.6.7",
    title: "dates are written as the standard prefers",
    send: {},
    judge: expectResponse(200, ({ fields }) => {
      const bad = ["date", "last-modified", "expires"].find((name) => {
        const value = fields.get(name);
        return value !== undefined &&
          !(name === "expires" && /^(?:0|-1)$/.test(value)) &&
          !isPreferredDate(value);
      });
      return bad === undefined ? undefined : `${bad}: ${fields.get(bad)}`;
    }),
  }),
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
