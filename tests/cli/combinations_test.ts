import { assertEquals, assertThrows } from "@std/assert";
import { refuseCombinations } from "../../lib/cli/combinations.ts";
import {
  applySetting,
  flagOf,
  settingOf,
  variableOf,
} from "../../lib/cli/option_row.ts";
import {
  defaultOptions,
  OPTION_TABLE,
  type OptionKey,
  UsageError,
} from "../../lib/cli/options.ts";
import type { Origin } from "../../lib/cli/origin.ts";

/** Options, each as [key, value]; with a place in the file, a variable where it begins with "SKIFF", else a flag. */
type Given =
  readonly (readonly [key: OptionKey, text: string, place?: string])[];

function originOf(key: OptionKey, place: string | undefined): Origin {
  if (place === undefined) {
    return { source: "flag", name: flagOf(key), where: "" };
  }
  return place === "SKIFF"
    ? { source: "environment", name: variableOf(key), where: "" }
    : { source: "file", name: `"${key}"`, where: place };
}

function check(given: Given): void {
  const options = defaultOptions();
  const origins = new Map<OptionKey, Origin>();
  for (const [key, text, place] of given) {
    const row = OPTION_TABLE.find((each) => each.key === key)!;
    const origin = originOf(key, place);
    applySetting(options, settingOf(row, text, origin));
    origins.set(key, origin);
  }
  refuseCombinations(options, origins);
}

const TLS: Given = [["tlsCert", "c"], ["tlsKey", "k"]];

const GOOD: readonly Given[] = [
  [],
  TLS,
  [...TLS, ["hsts", "0"], ["httpsRedirect", "80"], ["port", "443"]],
  [["trustedProxy", "::1"]],
  [["trustedProxy", "::1"], ["proxyProtocol", "true"]],
  [["proxyProtocol", "false"]],
  [["trustedProxy", "::1"], ["proxyProtocol", "false"], ...TLS],
  [["authFile", "f"], ["authPaths", "/a/*"]],
  [["port", "0"], ["admin", ":0"]],
  [["port", "80"], ["admin", "[::1]:80"]],
  [...TLS, ["port", "0"], ["httpsRedirect", "0"]],
];

for (const given of GOOD) {
  Deno.test(`refuseCombinations() lets pass ${JSON.stringify(given)}`, () => {
    check(given);
  });
}

const BAD: readonly (readonly [given: Given, message: string])[] = [
  [
    [["tlsCert", "c"]],
    "Cannot use --tls-cert without --tls-key: add --tls-key",
  ],
  [
    [["tlsKey", "k", "SKIFF"]],
    "Cannot use SKIFF_TLS_KEY without SKIFF_TLS_CERT: add SKIFF_TLS_CERT",
  ],
  [
    [["hsts", "1", "skiff.json:3:11"]],
    'skiff.json:3:11: Cannot use "hsts" without "tlsCert": add "tlsCert"',
  ],
  [
    [["https", "true"], ["tlsCert", "/c"], ["tlsKey", "/k"]],
    "Cannot use --https together with --tls-cert: choose one certificate",
  ],
  [
    [
      ["proxyProtocol", "true"],
      ["https", "/keys"],
      ["trustedProxy", "::1"],
    ],
    "Cannot use --proxy-protocol together with --https: skiff cannot read the PROXY protocol ahead of TLS",
  ],
  [
    [["httpsRedirect", "80"]],
    "Cannot use --https-redirect without --tls-cert or --https: add --tls-cert",
  ],
  [
    [["proxyProtocol", "true"]],
    "Cannot use --proxy-protocol without --trusted-proxy: add --trusted-proxy",
  ],
  [
    [["authPaths", "/a"]],
    "Cannot use --auth-paths without --auth-file: add --auth-file",
  ],
  [
    [
      ["trustedProxy", "::1"],
      ["proxyProtocol", "true", "SKIFF"],
      ["tlsCert", "c", "a.json:1:2"],
      ["tlsKey", "k"],
    ],
    'Cannot use SKIFF_PROXY_PROTOCOL together with "tlsCert": skiff cannot read the PROXY protocol ahead of TLS',
  ],
  [
    [...TLS, ["port", "80"], ["httpsRedirect", "80"]],
    "Cannot use --https-redirect with port 80: the site listens on it",
  ],
  [
    [["port", "80"], ["admin", ":80", "a.json:1:2"]],
    'a.json:1:2: Cannot use "admin" with port 80: the site listens on it',
  ],
  [
    [...TLS, ["httpsRedirect", "80"], ["admin", ":80"]],
    "Cannot use --admin with port 80: the site listens on it",
  ],
];

for (const [given, message] of BAD) {
  Deno.test(`refuseCombinations() refuses: ${message}`, () => {
    assertEquals(assertThrows(() => check(given), UsageError).message, message);
  });
}
