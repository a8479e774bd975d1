import { assert, assertStrictEquals } from "@std/assert";
import { isPersistent } from "../../../lib/http/http1/persistence.ts";
import { ParsedHead } from "../../../lib/http/http1/request.ts";
import { bytesOf } from "../../helpers.ts";

/** Whether the connection goes on after HTTP/1.1, and after HTTP/1.0. */
const ROWS: readonly [
  name: string,
  connection: readonly string[],
  in11: boolean,
  in10: boolean,
][] = [
  ["no field", [], true, false],
  ["close", ["close"], false, false],
  ["keep-alive", ["keep-alive"], true, true],
  ["CLOSE in capitals", ["CLOSE"], false, false],
  ["Keep-Alive with capitals", ["Keep-Alive"], true, true],
  ["an empty field", [""], true, false],
  ["white space alone", [" \t"], true, false],
  ["another option", ["upgrade"], true, false],
  ["close and keep-alive", ["close, keep-alive"], false, false],
  ["keep-alive and close", ["keep-alive, close"], false, false],
  ["close last in a list", ["te, upgrade,close"], false, false],
  ["keep-alive in a list", ["te,\tkeep-alive\t, upgrade"], true, true],
  ["empty elements", [",, close ,,"], false, false],
  ["close in a second line", ["keep-alive", "close"], false, false],
  ["close in a first line", ["close", "keep-alive"], false, false],
  ["keep-alive in a second line", ["te", "keep-alive"], true, true],
  ["a word that begins with close", ["closed"], true, false],
  ["a word that ends with close", ["disclose"], true, false],
  ["a word that begins with keep-alive", ["keep-alives"], true, false],
  ["keep alive without hyphen", ["keep alive"], true, false],
  ["close in quotes", ['"close"'], true, false],
  ["close with a parameter", ["close;now"], true, false],
  ["semicolons for commas", ["te;close"], true, false],
  ["NBSP behind close", ["close\xa0"], true, false],
  ["NBSP behind keep-alive", ["keep-alive\xa0"], true, false],
  ["commas by the thousand", [",".repeat(10_000)], true, false],
];

for (const [name, connection, in11, in10] of ROWS) {
  for (const [minor, want] of [[1, in11], [0, in10]] as const) {
    Deno.test(`isPersistent() HTTP/1.${minor}, ${name}: ${want}`, () => {
      const lines = connection.map((value) => `Connection: ${value}\r\n`);
      const bytes = bytesOf(
        `GET / HTTP/1.${minor}\r\nHost: a\r\n${lines.join("")}\r\n`,
      );
      const head = new ParsedHead();
      assert(head.parse(bytes, 0, bytes.length) > 0);
      assertStrictEquals(isPersistent(head), want);
    });
  }
}

Deno.test("isPersistent() takes a later minor version for HTTP/1.1", () => {
  const bytes = bytesOf("GET / HTTP/1.7\r\nHost: a\r\n\r\n");
  const head = new ParsedHead();
  assert(head.parse(bytes, 0, bytes.length) > 0);
  assert(isPersistent(head));
});
