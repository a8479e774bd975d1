import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { SourceChanged } from "../../../lib/http/reply.ts";
import { FileSegment } from "../../../lib/site/disk/file_segment.ts";
import { utf8 } from "../../helpers.ts";
import { openCount, TEN, testFile } from "./one_file.ts";

/** What a reader gives, in pieces of at most so many bytes. */
function readAll(segment: FileSegment, pieceBytes: number): string {
  const reader = segment.open();
  const buffer = new Uint8Array(pieceBytes);
  let text = "";
  try {
    while (text.length < segment.length) {
      const count = reader.read(buffer);
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  } finally {
    reader.close();
  }
  return text;
}

for (const [start, end] of [[0, 10], [0, 1], [9, 10], [3, 7]] as const) {
  testFile(
    `a FileSegment has the bytes from ${start} to ${end}, many times`,
    (file, path) => {
      const segment = new FileSegment(file, start, end);
      assertEquals(segment.length, end - start);
      for (const pieceBytes of [1, 3, 10, 1000]) {
        assertEquals(readAll(segment, pieceBytes), TEN.slice(start, end));
      }
      assertEquals(openCount(path), 1);
    },
  );
}

testFile(
  "a FileSegment's reader keeps the file open, and nothing else does",
  (file, path, directory) => {
    const segment = new FileSegment(file, 0, 10);
    file.release();
    assertEquals(openCount(path), 0);
    const reader = segment.open();
    directory.write("b.txt", "9876543210");
    Deno.renameSync(directory.join("b.txt"), path);
    const into = new Uint8Array(10);
    assertEquals(reader.read(into), 10);
    assertEquals(into, utf8(TEN));
    reader.close();
    assertEquals(openCount(path), 0);
    assertThrows(() => segment.open(), SourceChanged);
  },
);

const CHANGES_WHILE_SENT: Readonly<Record<string, (path: string) => void>> = {
  "was cut": (path) => Deno.truncateSync(path, 5),
  "was cut by a byte": (path) => Deno.truncateSync(path, 9),
  "was written to": (path) => Deno.writeTextFileSync(path, "9876543210"),
  "was written to at its beginning": (path) =>
    Deno.writeTextFileSync(path, "x123456789"),
  "was written to at its end": (path) =>
    Deno.writeTextFileSync(path, "012345678x"),
  "was written to, and has grown": (path) =>
    Deno.writeTextFileSync(path, "98765432109876543210"),
};

for (
  const [name, change] of Object.entries({
    ...CHANGES_WHILE_SENT,
    "was touched": (path: string) => Deno.utimeSync(path, 1, 1),
  })
) {
  testFile(
    `fill() does not vouch for the bytes of a file that ${name} before they are sent`,
    async (file, path) => {
      const filled = new FileSegment(file, 0, 5).fill(new Uint8Array(5));
      change(path);
      await assertRejects(() => filled, SourceChanged);
      assertEquals(openCount(path), 1);
    },
  );
}

testFile("fill() has the bytes of the slice", async (file, path) => {
  for (const [start, end] of [[0, 10], [0, 1], [9, 10], [3, 7]] as const) {
    const bytes = new Uint8Array(end - start);
    await new FileSegment(file, start, end).fill(bytes);
    assertEquals(bytes, utf8(TEN.slice(start, end)));
  }
  assertEquals(openCount(path), 1);
});

testFile("fill() throws at the end of a file that was cut", (file, path) => {
  let changes = 0;
  file.onChange = () => changes++;
  Deno.truncateSync(path, 5);
  const segment = new FileSegment(file, 0, 10);
  assertThrows(() => void segment.fill(new Uint8Array(10)), SourceChanged);
  assertEquals(changes, 1);
});

for (const [name, change] of Object.entries(CHANGES_WHILE_SENT)) {
  testFile(
    `a reader gives no bytes of a file that ${name} meanwhile`,
    (file, path) => {
      const reader = new FileSegment(file, 0, 10).open();
      const into = new Uint8Array(5);
      assertEquals(reader.read(into), 5);
      change(path);
      assertThrows(() => reader.read(into), SourceChanged);
      reader.close();
      assertNotEquals(openCount(path), 0);
    },
  );
}

const ADDITIONS: Readonly<Record<string, (path: string) => void>> = {
  "has grown": (path) => Deno.writeTextFileSync(path, "more", { append: true }),
  "was touched": (path) => Deno.utimeSync(path, 1, 1),
  "was written anew with the same content": (path) =>
    Deno.writeTextFileSync(path, TEN),
};

for (const [name, change] of Object.entries(ADDITIONS)) {
  testFile(
    `a reader goes on to the announced end of a file that ${name} meanwhile, and tells of the change`,
    (file, path) => {
      let changes = 0;
      file.onChange = () => changes++;
      const reader = new FileSegment(file, 0, 9).open();
      const into = new Uint8Array(5);
      assertEquals(reader.read(into), 5);
      change(path);
      assertEquals(reader.read(into), 4);
      assertEquals(into.subarray(0, 4), utf8("5678"));
      assertEquals(changes, 1);
      reader.close();
    },
  );

  testFile(
    `a reader of which nothing was sent gives no bytes of a file that ${name}`,
    (file, path) => {
      const reader = new FileSegment(file, 0, 9).open();
      change(path);
      assertThrows(() => reader.read(new Uint8Array(5)), SourceChanged);
      reader.close();
    },
  );
}
