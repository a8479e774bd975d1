/**
 * Probes of paths that should lead nowhere: out of the site, to hidden files, to
 * another host, or into the head of the response.
 *
 * @module
 */

import {
  expectRefusal,
  type Probe,
  probesOf,
  type ProbeVerdict,
  request,
} from "./probe.ts";
import { type ProbeFile, skip } from "./probe_values.ts";
import type { ProbeExchange } from "./responses.ts";

const { must, should } = probesOf("target");

/** Paths by which a server could be led out of its site. */
const WAYS_OUT = [
  "/../../../../../../etc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
  "/%252e%252e/%252e%252e/%252e%252e/etc/passwd",
  "/..\\..\\..\\..\\etc\\passwd",
  "/..%5c..%5c..%5c..%5cetc%5cpasswd",
  "/....//....//....//etc/passwd",
  "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
  "//etc/passwd",
  "/x/../../../../etc/passwd",
  "/./.././../etc/passwd",
  "/%00/../../etc/passwd",
];

/** Files that sites have by accident, and no client should get. */
const HIDDEN = [
  "/.git/config",
  "/.git/HEAD",
  "/.env",
  "/.htpasswd",
  "/.htaccess",
  "/.svn/entries",
  "/.DS_Store",
];

/** Paths that could lead a redirect to another host, or put lines into its head. */
const REDIRECTS = [
  "//example.com/%2e%2e",
  "//example.com//",
  "///example.com/..",
  "/\\example.com/..",
  "/%5cexample.com/%2e%2e",
  "//example.com/%2f..",
];

function leadsAway(
  { responses: [response] }: ProbeExchange,
): string | undefined {
  const location = response?.fields.get("location");
  return location !== undefined &&
      /^(?:https?:)?[/\\]{2}(?:[^/]*@)?example\.com/i.test(location)
    ? `Location: ${location}`
    : undefined;
}

/** All probes of paths that should lead nowhere. */
export const ESCAPE_PROBES: readonly Probe[] = [
  ...WAYS_OUT.map((target) =>
    must(
      "RFC 9110 §17.3",
      `${target} does not leave the site`,
      { beside: target },
      (exchange) =>
        exchange.responses[0]?.body.includes("root:")
          ? "it sends /etc/passwd"
          : failsOnly(exchange),
    )
  ),
  ...HIDDEN.map((target) =>
    should(
      "RFC 9110 §17.3",
      `${target} is not public`,
      { beside: target },
      (exchange, file) => {
        const [response] = exchange.responses;
        const isSent = response?.status === 200 &&
          response.body !== file.body && response.body !== file.fallback;
        return isSent ? "it is sent" : failsOnly(exchange);
      },
    )
  ),
  must(
    "RFC 9110 §17.3",
    "dots after the name of a directory do not leave it",
    (file) => {
      const target = besideParent(file);
      return target === undefined
        ? skip("the file is in no directory")
        : request(file, { target });
    },
    (exchange, file) => {
      const [response] = exchange.responses;
      const isSent = response?.status === 200 && response.body === file.body &&
        response.body !== file.fallback;
      return isSent ? "the file is sent" : failsOnly(exchange);
    },
  ),
  ...REDIRECTS.map((target) =>
    must(
      "RFC 9110 §10.2.2",
      `${target} leads to no other host`,
      { target },
      (exchange) => leadsAway(exchange) ?? failsOnly(exchange),
    )
  ),
  ...["/%0d%0aX-Probe:%201/..", "/x%0d%0aX-Probe:1"].map((target) =>
    must(
      "RFC 9110 §5.5",
      `${target} puts no line into the response`,
      { target },
      (exchange) =>
        exchange.responses[0]?.fields.has("x-probe")
          ? "there is X-Probe"
          : failsOnly(exchange),
    )
  ),
];

/** A server may answer as it likes, but not fail. */
function failsOnly(exchange: ProbeExchange): ProbeVerdict {
  const status = exchange.responses[0]?.status;
  return status === undefined
    ? expectRefusal(exchange)
    : status >= 500 && status !== 501
    ? `got ${status}`
    : undefined;
}

/**
 * The target of the file by the name of its directory with two dots: a server that puts a directory of another name in its
 * place, and forgets the slash, goes to the parent and back. Undefined if the file is in no directory.
 */
function besideParent(file: ProbeFile): string | undefined {
  const match = /^((?:\/[^/?]+)*)(\/[^/?]+)(\/[^/?]+)$/.exec(
    file.target.split("?", 1)[0]!,
  );
  if (match === null) return undefined;
  const [, above, directory, name] = match;
  return `${above}${directory}..${directory}${name}`;
}
