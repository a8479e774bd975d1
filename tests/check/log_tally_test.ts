import { assertEquals } from "@std/assert";
import {
  LOG_LINE_CHARACTERS_MAX,
  LogTally,
  PATHS_MAX,
} from "../../lib/check/log_tally.ts";

function line(
  target: string,
  status: number,
  bytes = 0,
  method = "GET",
): string {
  return JSON.stringify({ method, target, status, bytes });
}

Deno.test("LogTally counts by decoded path, whatever the query", () => {
  const tally = new LogTally();
  tally.add(line("/a%20b?x", 200, 5));
  tally.add(line("/a b", 200, 5));
  tally.add(line("/a%20b?y", 304));
  tally.add(line("/a%20b", 206, 99));
  tally.add(line("/a%20b", 301));
  tally.add(line("/a%20b", 404));
  tally.add(line("http://a.example/a%20b", 200, 9, "HEAD"));
  assertEquals([...tally.paths], [["/a b", {
    hits: 6,
    found: 4,
    redirected: 1,
    fresh: 1,
    bytes: 9,
  }]]);
  assertEquals([tally.requests, tally.others, tally.unread], [6, 1, 0]);
});

Deno.test("LogTally leaves out what is no request for a path", () => {
  const tally = new LogTally();
  for (const target of ["*", "/%", "/%00", "x", "/a%2fb"]) {
    tally.add(line(target, 400));
  }
  tally.add(line("/", 200, 1, "POST"));
  tally.add("nonsense");
  tally.add("");
  tally.add("\t ");
  tally.add(line(`/${"a".repeat(LOG_LINE_CHARACTERS_MAX)}`, 200));
  assertEquals([tally.requests, tally.others, tally.unread, tally.paths.size], [
    0,
    6,
    2,
    0,
  ]);
});

Deno.test("LogTally keeps no more paths than it may", () => {
  const tally = new LogTally();
  const entry = { hits: 0, found: 0, redirected: 0, fresh: 0, bytes: 0 };
  for (let i = 0; i < PATHS_MAX; i++) tally.paths.set(`/${i}`, entry);
  tally.add(line("/0", 200));
  tally.add(line("/new", 200));
  assertEquals([tally.paths.size, tally.requests, tally.beyond], [
    PATHS_MAX,
    1,
    1,
  ]);
});
