/**
 * Values of each option, for tests that go over the whole table.
 *
 * @module
 */

import type { Key } from "../../lib/cli/option_row.ts";

/** Three values of an option, as texts, that differ from each other; the first is in the file. */
export const SAMPLES: Readonly<
  Record<Key, readonly [file: string, variable: string, flag: string]>
> = {
  root: ["/a", "/b", "/c"],
  index: ["a.html", "b.html", "c.html"],
  spa: ["a.html", "b.html", "c.html"],
  listing: ["false", "true", "false"],
  compression: ["false", "true", "false"],
  host: ["127.0.0.2", "::1", "localhost"],
  port: ["81", "82", "83"],
  trustedProxy: ["10.0.0.0/8", "::1", "192.0.2.7"],
  forwardedField: ["forwarded", "x-forwarded-for", "forwarded"],
  proxyProtocol: ["true", "false", "true"],
  cacheControl: ["no-cache", "no-store", "max-age=1"],
  header: ["A: 1", "B: 2", "C: 3"],
  cors: ["true", "false", "true"],
  coi: ["true", "false", "true"],
  tlsCert: ["/a.pem", "/b.pem", "/c.pem"],
  tlsKey: ["/a.key", "/b.key", "/c.key"],
  httpsRedirect: ["81", "82", "83"],
  hsts: ["0", "1", "2147483647"],
  log: ["json", "combined", "off"],
  requestId: ["true", "false", "true"],
  authFile: ["/a", "/b", "/c"],
  authPaths: ["/a/*", "/b/*", "/c"],
  allow: ["10.0.0.0/8", "::1", "192.0.2.7"],
  deny: ["10.0.0.0/8", "::1", "192.0.2.7"],
  allowedHosts: ["a.example", "*", ".b.example"],
  connectionsPerAddress: ["1", "2", "1000000"],
  requestsPerSecond: ["0.5", "1", "1000000"],
  config: ["", "/b.json", "/c.json"],
  printConfig: ["", "", "true"],
  workers: ["2", "auto", "64"],
  admin: ["127.0.0.1:1", "[::1]:2", "localhost:3"],
  drain: ["1", "2", "300"],
  help: ["", "", "tls"],
  version: ["", "", "true"],
};

/** What some options need beside them. */
export const COMPANIONS: Readonly<Partial<Record<Key, readonly string[]>>> = {
  tlsCert: ["--tls-key=/k"],
  tlsKey: ["--tls-cert=/c"],
  httpsRedirect: ["--tls-cert=/c", "--tls-key=/k"],
  hsts: ["--tls-cert=/c", "--tls-key=/k"],
  proxyProtocol: ["--trusted-proxy=::1"],
  forwardedField: ["--trusted-proxy=::1"],
  authPaths: ["--auth-file=/f"],
};
