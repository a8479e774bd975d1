import { assertEquals } from "@std/assert";
import {
  expectRefusal,
  expectRefusalOrEnd,
  expectResponse,
  expectStatus,
  probesOf,
  request,
  shown,
} from "../../lib/check/probe.ts";
import { splitResponses } from "./exchanges.ts";
import { FILE } from "./probe_verdicts.ts";

function of(text: string, isClosed = false) {
  return splitResponses(text, ["GET"], isClosed);
}

const ok = of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
const bad = of("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
const broken = of("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");

Deno.test("request() writes the file's request, or what is said instead", () => {
  assertEquals(
    request(FILE),
    "GET /f.txt HTTP/1.1\r\nHost: a.example\r\nUser-Agent: skiff-check\r\n\r\n",
  );
  assertEquals(
    request(FILE, {
      method: "X",
      target: "*",
      version: "HTTP/1.0",
      host: "",
      lines: ["A: 1"],
      body: "b",
    }),
    "X * HTTP/1.0\r\nUser-Agent: skiff-check\r\nA: 1\r\n\r\nb",
  );
});

Deno.test("request() finds a path beside the file", () => {
  const file = { ...FILE, target: "/app/f.txt?x=/1" };
  assertEquals(
    request(file, { beside: "/x" }).split("\r\n", 1),
    ["GET /app/x HTTP/1.1"],
  );
});

Deno.test("probes of a group send their requests on one connection", () => {
  const { should } = probesOf("g");
  const requests = [{ method: "HEAD" }, { lines: ["A: {etag}"] }];
  const { group, level, methods, send } = should(
    "s",
    "t",
    requests,
    () => undefined,
  );
  assertEquals([group, level], ["g", "should"]);
  assertEquals(methods, ["HEAD", "GET"]);
  assertEquals(
    send(FILE),
    request(FILE, { method: "HEAD" }) + request(FILE, { lines: ['A: "e"'] }),
  );
  assertEquals(send({ ...FILE, etag: undefined }), {
    skip: "the file has no ETag",
  });
});

Deno.test("expectations name what came instead", () => {
  assertEquals(expectStatus(200, 404)(ok), undefined);
  assertEquals(expectStatus(200, 404)(bad), "expected 200 or 404, got 400");
  assertEquals(expectRefusal(bad), undefined);
  assertEquals(expectRefusal(of("", true)), undefined);
  assertEquals(expectRefusal(ok), "expected a refusal, got 200");
  assertEquals(expectRefusal(broken), "expected a refusal, got 500");
  assertEquals(
    expectRefusal(of("x", true)),
    "expected a refusal, got no valid response",
  );
  assertEquals(expectRefusalOrEnd(of("x", true)), undefined);
  assertEquals(typeof expectRefusalOrEnd(ok), "string");
  const judge = expectResponse(200, ({ status }) => `judged ${status}`);
  assertEquals(judge(ok, FILE), "judged 200");
  assertEquals(judge(bad, FILE), "expected 200, got 400");
  assertEquals([shown(of("")), shown(of("", true))], [
    "no response",
    "no response, connection closed",
  ]);
});
