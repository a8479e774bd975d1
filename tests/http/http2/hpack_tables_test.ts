import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  DynamicTable,
  HeaderField,
  STATIC_FIELDS,
  staticLine,
  staticName,
  TABLE_BYTES_MAX,
} from "../../../lib/http/http2/hpack_tables.ts";
import { Random } from "../../helpers.ts";

Deno.test("the static table is that of RFC 7541 Appendix A", () => {
  assertEquals(STATIC_FIELDS.length, 61);
  const at = (index: number) => {
    const { name, value } = STATIC_FIELDS[index - 1]!;
    return `${name}: ${value}`;
  };
  assertEquals([1, 2, 8, 16, 28, 38, 50, 61].map(at), [
    ":authority: ",
    ":method: GET",
    ":status: 200",
    "accept-encoding: gzip, deflate",
    "content-length: ",
    "host: ",
    "range: ",
    "www-authenticate: ",
  ]);
});

/** Names and values, and their index; 0 for none. */
const LINES:
  readonly (readonly [string, string, line: number, name: number])[] = [
    [":method", "GET", 2, 2],
    [":method", "POST", 3, 2],
    [":method", "HEAD", 0, 2],
    [":status", "200", 8, 8],
    [":status", "500", 14, 8],
    [":status", "302", 0, 8],
    ["etag", "", 34, 34],
    ["etag", "x", 0, 34],
    ["x-other", "", 0, 0],
    ["accept-encoding", "gzip, deflate", 16, 16],
    ["www-authenticate", "", 61, 61],
  ];

for (const [name, value, line, index] of LINES) {
  Deno.test(`staticLine() and staticName() of "${name}: ${value}"`, () => {
    assertEquals([staticLine(name, value), staticName(name)], [line, index]);
  });
}

Deno.test("DynamicTable has the lines that came last, as a list would have them", () => {
  const random = new Random(3);
  const table = new DynamicTable();
  let list: HeaderField[] = [];
  let max = TABLE_BYTES_MAX;
  const sizeOf = () => list.reduce((sum, { size }) => sum + size, 0);
  for (let round = 0; round < 5000; round++) {
    if (random.below(50) === 0) {
      table.resize(max = random.below(4) === 0 ? 0 : random.below(4097));
    } else {
      const field = new HeaderField(
        "",
        "x".repeat(random.below(2) * random.below(400)),
      );
      table.add(field);
      list.unshift(field);
      if (field.size > max) list = [];
    }
    while (sizeOf() > max) list.pop();
    assertEquals([table.length, table.size], [list.length, sizeOf()]);
    assertStrictEquals(table.get(list.length), undefined);
    for (const [index, field] of list.entries()) {
      assertStrictEquals(table.get(index), field);
    }
  }
});

Deno.test("DynamicTable has no more than 128 entries, and a line too large empties it", () => {
  const table = new DynamicTable();
  for (let count = 0; count < 1000; count++) table.add(new HeaderField("", ""));
  assertEquals([table.length, table.size], [128, 4096]);
  table.add(new HeaderField("a", "x".repeat(4064)));
  assertEquals([table.length, table.size, table.get(0)], [0, 0, undefined]);
  table.add(new HeaderField("a", "x".repeat(4063)));
  assertEquals([table.length, table.size], [1, 4096]);
});
