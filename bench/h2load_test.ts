import { assertEquals, assertThrows } from "@std/assert";
import { WrongAnswer } from "./exchange.ts";
import {
  checkH2load,
  h2loadCommand,
  type H2loadPlan,
  parseH2load,
} from "./h2load.ts";

const PLAN: H2loadPlan = {
  port: 8443,
  protocol: "h2",
  target: "/1k.txt",
  connections: 16,
  streams: 32,
  seconds: 2,
};

const OUTPUT = `Application protocol: h2

finished in 2.22s, 26132.00 req/s, 30.93MB/s
requests: 52264 total, 52776 started, 52264 done, 52264 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 52264 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 61.86MB (64860216) total, 9.92MB (10400552) headers (space savings 36.22%), 51.04MB (53518336) data
`;

const RESULT = {
  requests: 52264,
  failures: 0,
  bodyBytes: 53518336,
  protocol: "h2",
};

for (
  const [name, change, command] of [
    ["HTTP/2", {}, "-m 32"],
    ["windows", { windowBits: 16 }, "-m 32 -w 16 -W 16"],
    ["HTTP/1.1", { protocol: "https1" }, "--h1"],
  ] as const
) {
  Deno.test(`h2loadCommand() asks over ${name}`, () => {
    assertEquals(
      h2loadCommand({ ...PLAN, ...change }).join(" "),
      "h2load -t 1 -c 16 -D 2 -H Accept-Encoding: identity " + command +
        " https://127.0.0.1:8443/1k.txt",
    );
  });
}

for (
  const [name, from, to, expected] of [
    ["what h2load prints", "", "", RESULT],
    ["other statuses", "52264 2xx", "52000 2xx", {
      ...RESULT,
      requests: 52000,
      failures: 264,
    }],
    ["failures", "0 failed, 0 errored", "3 failed, 2 errored", {
      ...RESULT,
      failures: 5,
    }],
    ["HTTP/1.1", "protocol: h2", "protocol: http/1.1", {
      ...RESULT,
      protocol: "http/1.1",
    }],
    ["an end before the result", "traffic", "", undefined],
    ["no handshake", "Application protocol: h2", "", undefined],
  ] as const
) {
  Deno.test(`parseH2load() reads ${name}`, () => {
    assertEquals(parseH2load(OUTPUT.replace(from, to)), expected);
  });
}

for (
  const [name, change, isRight] of [
    ["right answers", {}, true],
    ["answers in progress at the end", { bodyBytes: 54_000_000 }, true],
    ["more than can be in progress", { bodyBytes: 56_000_000 }, false],
    [
      "answers that were in progress at the start",
      { bodyBytes: 52_000_000 },
      true,
    ],
    ["bodies that are too short", { bodyBytes: 51_000_000 }, false],
    ["no answers", { requests: 0, bodyBytes: 0 }, false],
    ["failures", { failures: 1 }, false],
    ["another protocol", { protocol: "http/1.1" }, false],
  ] as const
) {
  Deno.test(`checkH2load() ${isRight ? "accepts" : "refuses"} ${name}`, () => {
    const check = () => checkH2load(PLAN, { ...RESULT, ...change }, 1024);
    if (isRight) check();
    else assertThrows(check, WrongAnswer);
  });
}
