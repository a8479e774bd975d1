import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { WrongAnswer } from "./exchange.ts";
import {
  BROWSER_HEAD,
  BROWSER_HEAD_BYTES,
  browserFields,
  SHORT_HEAD,
} from "./heads.ts";
import {
  checkSizes,
  parseWrkResult,
  type WrkPlan,
  type WrkResult,
  wrkScript,
} from "./load.ts";

const PLAN: WrkPlan = {
  port: 8000,
  connections: 64,
  seconds: 1,
  requests: [{ target: "/a" }],
};

Deno.test("wrkScript() leaves one request to wrk and gives it the fields", () => {
  const fields = { "If-None-Match": '"a\\b"' };
  const script = wrkScript({ ...PLAN, requests: [{ target: "/a", fields }] });
  assertStringIncludes(
    script,
    'wrk.headers["If-None-Match"] = "\\034a\\092b\\034"',
  );
  assertEquals(script.includes("request = function"), false);
});

Deno.test("wrkScript() asks at random from the first on where that is wished", () => {
  const requests = [{ target: "/a" }, { target: "/b" }];
  const inOrder = wrkScript({ ...PLAN, requests });
  assertStringIncludes(inOrder, "local sent = 0\n");
  const atRandom = wrkScript({ ...PLAN, requests, isRandom: true });
  assertStringIncludes(atRandom, "local sent = count\n");
});

Deno.test("wrkScript() writes out several requests", () => {
  const script = wrkScript({
    ...PLAN,
    requests: [{ target: "/a" }, { target: "/b" }],
  });
  const head = "HTTP/1.1\\013\\010Host: 127.0.0.1:8000\\013\\010\\013\\010";
  assertStringIncludes(script, `  "GET /a ${head}",\n  "GET /b ${head}",\n`);
});

Deno.test("wrkScript() repeats a request that is pipelined", () => {
  const script = wrkScript({ ...PLAN, depth: 3 });
  assertEquals(script.split("GET /a HTTP/1.1").length - 1, 3);
});

Deno.test("parseWrkResult() reads the line among others", () => {
  const text = "Running 1s test\nRequests/sec: 1\n\n" +
    'wrk-result {"requests":300,"micros":1500000,"bytes":9000,"p50":0.5,' +
    '"p99":1.25,"errors":0,"failures":0,"timeouts":2}\n';
  assertEquals(parseWrkResult(text), {
    requests: 300,
    seconds: 1.5,
    bytes: 9000,
    rate: 200,
    p50: 0.5,
    p99: 1.25,
    errors: 0,
    failures: 0,
    timeouts: 2,
  });
});

Deno.test("parseWrkResult() finds nothing where wrk has failed", () => {
  assertEquals(parseWrkResult("unable to connect\n"), undefined);
});

for (
  const [name, requests, bytes, isRight] of [
    ["the right bytes", 1000, 1_000_000, true],
    ["answers under way at the end", 1000, 1_064_000, true],
    ["more than can be under way", 1000, 1_090_000, false],
    ["answers that are too short", 1000, 500_000, false],
    ["no answers", 0, 0, false],
  ] as const
) {
  Deno.test(`checkSizes() ${isRight ? "accepts" : "refuses"} ${name}`, () => {
    const result = { requests, bytes } as WrkResult;
    const check = () => checkSizes(PLAN, result, 1000);
    if (isRight) check();
    else assertThrows(check, WrongAnswer);
  });
}

Deno.test("the heads have the bytes and fields that they are called by", () => {
  const fieldsOf = (head: string) => head.split("\r\n").length - 3;
  assertEquals([SHORT_HEAD.length, fieldsOf(SHORT_HEAD)], [45, 1]);
  assertEquals(
    [BROWSER_HEAD.length, fieldsOf(BROWSER_HEAD)],
    [BROWSER_HEAD_BYTES, 15],
  );
  // Whatever the port: it is longer or shorter.
  const [short, long] = [80, 65535].map((port) =>
    browserFields({ target: "/" }, port).Cookie!.length
  );
  assertEquals(short! - long!, 3);
});
