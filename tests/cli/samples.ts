/**
 * What the tests know of each option, for those that go over the whole table.
 *
 * @module
 */

import type { OptionKey } from "../../lib/cli/options.ts";

/** What the tests know of one option. */
export interface Sample {
  /** Three different values as text; the first is for the file. */
  readonly values: readonly [file: string, variable: string, flag: string];
  /** Flags that it needs beside it. */
  readonly companions?: readonly string[];
  /** The test that starts the program with it, or what several such tests share. */
  readonly triedIn: string;
}

/** A sample of each option. */
export const SAMPLES: Readonly<Record<OptionKey, Sample>> = {
  root: { values: ["/a", "/b", "/c"], triedIn: "main_test.ts" },
  releases: { values: ["/a", "/b", "/c"], triedIn: "main_releases_test.ts" },
  keepReleases: {
    values: ["1", "10", "100"],
    companions: ["--releases=/r"],
    triedIn: "main_releases_test.ts",
  },
  releaseMarker: {
    values: [".a", "b", "c.txt"],
    companions: ["--releases=/r"],
    triedIn: "main_releases_test.ts",
  },
  releaseInfo: {
    values: ["true", "false", "true"],
    companions: ["--releases=/r"],
    triedIn: "main_releases_test.ts",
  },
  preview: {
    values: ["v1=a.example", "*=*.example", "v1=cookie:next"],
    companions: ["--releases=/r"],
    triedIn: "main_previews_test.ts",
  },
  index: {
    values: ["a.html", "b.html", "c.html"],
    triedIn: "main_options_test.ts",
  },
  spa: {
    values: ["a.html", "b.html", "c.html"],
    triedIn: "main_options_test.ts",
  },
  listing: {
    values: ["false", "true", "false"],
    triedIn: "main_options_test.ts",
  },
  zip: {
    values: ["false", "true", "false"],
    triedIn: "main_options_test.ts",
  },
  compression: {
    values: ["false", "true", "false"],
    triedIn: "main_options_test.ts",
  },
  watch: {
    values: ["false", "true", "false"],
    triedIn: "main_options_test.ts",
  },
  live: {
    values: ["true", "false", "true"],
    triedIn: "main_live_test.ts",
  },
  host: {
    values: ["127.0.0.2", "::1", "localhost"],
    triedIn: "main_options_test.ts",
  },
  port: { values: ["81", "82", "83"], triedIn: "main_test.ts" },
  trustedProxy: {
    values: ["10.0.0.0/8", "::1", "192.0.2.7"],
    triedIn: "main_proxy_test.ts",
  },
  forwardedField: {
    values: ["forwarded", "x-forwarded-for", "forwarded"],
    companions: ["--trusted-proxy=::1"],
    triedIn: "main_proxy_test.ts",
  },
  proxyProtocol: {
    values: ["true", "false", "true"],
    companions: ["--trusted-proxy=::1"],
    triedIn: "main_proxy_test.ts",
  },
  h2c: { values: ["true", "false", "true"], triedIn: "main_http2_test.ts" },
  cacheControl: {
    values: ["no-cache", "no-store", "max-age=1"],
    triedIn: "main_options_test.ts",
  },
  header: { values: ["A: 1", "B: 2", "C: 3"], triedIn: "main_options_test.ts" },
  cors: { values: ["true", "false", "true"], triedIn: "main_options_test.ts" },
  earlyHints: {
    values: ["true", "false", "true"],
    triedIn: "main_options_test.ts",
  },
  coi: { values: ["true", "false", "true"], triedIn: "main_options_test.ts" },
  tlsCert: {
    values: ["/a.pem", "/b.pem", "/c.pem"],
    companions: ["--tls-key=/k"],
    triedIn: "certificates.ts",
  },
  tlsKey: {
    values: ["/a.key", "/b.key", "/c.key"],
    companions: ["--tls-cert=/c"],
    triedIn: "certificates.ts",
  },
  https: {
    values: ["/a", "/b", "true"],
    triedIn: "main_https_test.ts",
  },
  http2: {
    values: ["false", "true", "false"],
    triedIn: "main_http2_test.ts",
  },
  httpsRedirect: {
    values: ["81", "82", "83"],
    companions: ["--tls-cert=/c", "--tls-key=/k"],
    triedIn: "main_tls_test.ts",
  },
  hsts: {
    values: ["0", "1", "2147483647"],
    companions: ["--tls-cert=/c", "--tls-key=/k"],
    triedIn: "main_tls_test.ts",
  },
  log: { values: ["json", "combined", "off"], triedIn: "main_logs_test.ts" },
  requestId: {
    values: ["true", "false", "true"],
    triedIn: "main_logs_test.ts",
  },
  authFile: { values: ["/a", "/b", "/c"], triedIn: "main_access_test.ts" },
  authPaths: {
    values: ["/a/*", "/b/*", "/c"],
    companions: ["--auth-file=/f"],
    triedIn: "main_access_test.ts",
  },
  allow: {
    values: ["10.0.0.0/8", "::1", "192.0.2.7"],
    triedIn: "main_access_test.ts",
  },
  deny: {
    values: ["10.0.0.0/8", "::1", "192.0.2.7"],
    triedIn: "main_access_test.ts",
  },
  allowedHosts: {
    values: ["a.example", "*", ".b.example"],
    triedIn: "main_access_test.ts",
  },
  connectionsPerAddress: {
    values: ["1", "2", "1000000"],
    triedIn: "main_access_test.ts",
  },
  requestsPerSecond: {
    values: ["0.5", "1", "1000000"],
    triedIn: "main_access_test.ts",
  },
  open: { values: ["true", "false", "true"], triedIn: "main_screen_test.ts" },
  qr: { values: ["true", "false", "true"], triedIn: "main_screen_test.ts" },
  keys: { values: ["false", "true", "false"], triedIn: "main_screen_test.ts" },
  config: {
    values: ["", "/b.json", "/c.json"],
    triedIn: "main_config_test.ts",
  },
  printConfig: { values: ["", "", "true"], triedIn: "main_config_test.ts" },
  workers: { values: ["2", "auto", "64"], triedIn: "main_options_test.ts" },
  admin: {
    values: ["127.0.0.1:1", "[::1]:2", "localhost:3"],
    triedIn: "main_admin_test.ts",
  },
  drain: { values: ["1", "2", "300"], triedIn: "main_admin_test.ts" },
  help: { values: ["", "", "tls"], triedIn: "main_test.ts" },
  version: { values: ["", "", "true"], triedIn: "main_test.ts" },
};
