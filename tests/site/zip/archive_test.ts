import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { crc32 } from "node:zlib";
import {
  type Segment,
  SourceChanged,
  type SourceReader,
} from "../../../lib/http/reply.ts";
import { Archive, ArchiveSegment } from "../../../lib/site/zip/archive.ts";
import { CancelledError, Steps } from "../../../lib/site/pause.ts";
import { readSegment } from "../../bodies.ts";
import { textOf, utf8 } from "../../helpers.ts";
import { SlowClock } from "../slow_clock.ts";
import { layoutOf } from "./layouts.ts";

/** Contents that are on a disk, and how many of them are open. */
class Disk {
  readonly files = new Map<string, Uint8Array>();
  readonly opened: string[] = [];
  open = 0;
  openMax = 0;
  /** Most bytes of a read, and bytes read so far. */
  readMax = 3;
  readBytes = 0;

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) {
      this.files.set(name, utf8(text));
    }
  }

  archive(): Archive {
    const entries = [...this.files].map(([path, { length }]) => ({
      path,
      size: length,
      modified: Date.UTC(2024, 0, 1),
    }));
    return new Archive(
      layoutOf(entries),
      undefined,
      ({ path }, start, end) => {
        const bytes = this.files.get(path)?.subarray(start, end);
        return bytes && this.#segment(path, bytes);
      },
    );
  }

  #segment(path: string, bytes: Uint8Array): Segment {
    return {
      length: bytes.length,
      open: (): SourceReader => {
        this.opened.push(path);
        this.openMax = Math.max(this.openMax, ++this.open);
        let at = 0;
        return {
          read: (into) => {
            const most = Math.min(into.length, this.readMax);
            const piece = bytes.subarray(at, at + most);
            into.set(piece);
            this.readBytes += piece.length;
            at += piece.length;
            return piece.length;
          },
          close: () => void this.open--,
        };
      },
    };
  }
}

const MIB = 1024 * 1024;

const FILES = { a: "aaaaaaa", b: "", "c/": "", d: "dd", e: "eeeeeeeee" };

function wholeOf(archive: Archive, step?: number): Uint8Array {
  return readSegment(new ArchiveSegment(archive, 0, archive.length), step);
}

Deno.test("ArchiveSegment is the same in pieces of any size, with one file open at a time", () => {
  const disk = new Disk(FILES);
  const whole = wholeOf(disk.archive());
  for (const step of [1, 2, 7, 100]) {
    assertEquals(textOf(wholeOf(disk.archive(), step)), textOf(whole));
  }
  assertEquals([disk.open, disk.openMax], [0, 1]);
  const view = new DataView(whole.buffer);
  // The descriptor of the first file, behind its record and content.
  assertEquals(view.getUint32(30 + 1 + 9 + 7 + 4, true), crc32(FILES.a));
});

Deno.test("any range of an archive has the bytes of the whole, whether checksums are known or not", async () => {
  const disk = new Disk(FILES);
  const whole = wholeOf(disk.archive());
  for (let start = 0; start < whole.length; start += 3) {
    for (let end = start + 1; end <= whole.length; end += 5) {
      const archive = disk.archive();
      await archive.prepare(start, end);
      const slice = readSegment(new ArchiveSegment(archive, start, end), 11);
      const expected = textOf(whole.subarray(start, end));
      assertEquals(textOf(slice), expected, `${start}-${end}`);
    }
  }
  assertEquals([disk.open, disk.openMax], [0, 1]);
});

/** Reads an archive up to a position, as a download that is cut there. */
function readTo(archive: Archive, end: number): void {
  const reader = new ArchiveSegment(archive, 0, archive.length).open();
  for (let at = 0; at < end;) {
    at += reader.read(new Uint8Array(Math.min(10, end - at)));
  }
  reader.close();
}

Deno.test("a download that was cut between files reads nothing again", async () => {
  const disk = new Disk(FILES);
  const archive = disk.archive();
  let cut = archive.length - 1;
  while (archive.layout.partAt(cut).kind !== "content") cut--;
  cut = archive.layout.partAt(cut).start;
  readTo(archive, cut);
  disk.opened.length = 0;
  await archive.prepare(cut, archive.length);
  assertEquals(disk.opened, []);
});

Deno.test("a download that was cut in a file reads only a little of it again", async () => {
  const large = "0123456789abcdef".repeat(MIB);
  const disk = new Disk({ a: "a", large, z: "z" });
  disk.readMax = 64 * 1024;
  const whole = wholeOf(disk.archive());
  const archive = disk.archive();
  const start = archive.layout.partAt(9 * MIB).start;
  const reader = new ArchiveSegment(archive, 0, archive.length).open();
  for (let at = 0; at < start + 9 * MIB;) {
    at += reader.read(new Uint8Array(MIB));
  }
  reader.close();
  disk.readBytes = 0;
  // What was on its way is lost.
  const from = start + 7 * MIB;
  await archive.prepare(from, archive.length);
  assertEquals(disk.readBytes <= 4 * MIB, true);
  const rest = readSegment(new ArchiveSegment(archive, from, archive.length));
  assertEquals(crc32(rest), crc32(whole.subarray(from)));
  assertEquals(disk.open, 0);
});

Deno.test("Archive.prepare() ends when its client leaves, and the next one goes on there", async () => {
  const disk = new Disk({ large: "0123456789abcdef".repeat(MIB), z: "z" });
  disk.readMax = 64 * 1024;
  const archive = disk.archive();
  const { length } = archive;
  await assertRejects(
    () => archive.prepare(length - 130, length, () => false),
    CancelledError,
  );
  assertEquals([disk.readBytes, disk.open], [4 * MIB, 0]);
  await archive.prepare(length - 130, length);
  assertEquals(disk.readBytes, 16 * MIB + 1);
});

Deno.test("ArchiveSegment goes on where it was closed, as a slow client of HTTP/2 needs", () => {
  const disk = new Disk(FILES);
  const whole = textOf(wholeOf(disk.archive()));
  for (let step = 1; step < 40; step++) {
    const archive = disk.archive();
    const segment = new ArchiveSegment(archive, 2, archive.length);
    let text = "";
    while (text.length < segment.length) {
      const reader = segment.open(text.length);
      const bytes = new Uint8Array(
        Math.min(step, segment.length - text.length),
      );
      for (let at = 0; at < bytes.length;) {
        at += reader.read(bytes.subarray(at));
      }
      reader.close();
      text += textOf(bytes);
    }
    assertEquals(text, whole.slice(2), `in steps of ${step}`);
  }
  assertEquals([disk.open, disk.openMax], [0, 1]);
});

Deno.test("Archive takes checksums over from an earlier state of the folder", async () => {
  const disk = new Disk(FILES);
  const earlier = disk.archive();
  wholeOf(earlier);
  disk.files.set("d", utf8("other"));
  const archive = disk.archive();
  await archive.inherit(earlier, new Steps());
  disk.opened.length = 0;
  await archive.prepare(archive.length - 30, archive.length);
  assertEquals(disk.opened, []);
  await archive.prepare(archive.length - 200, archive.length);
  assertEquals(disk.opened, ["d"]);
});

Deno.test("ArchiveSegment ends when a file is gone, and says which", () => {
  const disk = new Disk(FILES);
  const archive = disk.archive();
  let changes = 0;
  archive.onChange = () => changes++;
  disk.files.delete("d");
  const error = assertThrows(() => wholeOf(archive), SourceChanged);
  assertEquals(error.message.includes('"d"'), true);
  assertEquals([changes, disk.open], [1, 0]);
});

Deno.test("ArchiveSegment ends when a file is shorter or has another checksum than before", () => {
  const disk = new Disk(FILES);
  const archive = disk.archive();
  wholeOf(archive);
  disk.files.set("a", utf8("bbbbbbb"));
  assertThrows(() => wholeOf(archive), SourceChanged);
  const shorter = disk.archive();
  disk.files.set("a", utf8("b"));
  assertThrows(() => wholeOf(shorter), SourceChanged);
  assertEquals(disk.open, 0);
});

for (const [kind, content] of [["files", "x"], ["records", ""]]) {
  Deno.test(`a read of an archive goes on with other ${kind} for a bounded time`, () => {
    const names = Array.from({ length: 100 }, (_, index) => `f${index}`);
    const disk = new Disk(
      Object.fromEntries(names.map((name) => [name, content!])),
    );
    const archive = disk.archive();
    const whole = wholeOf(archive);
    const reader = new ArchiveSegment(archive, 0, archive.length).open();
    const bytes = new Uint8Array(archive.length);
    using _clock = new SlowClock();
    for (let at = 0; at < bytes.length;) {
      const count = reader.read(bytes.subarray(at));
      assertEquals(count > 0 && count < archive.length / 20, true);
      at += count;
    }
    reader.close();
    assertEquals(crc32(bytes), crc32(whole));
  });
}

/** The bytes of a file that are read again for a download from `from` on, after one was cut at `cut`. */
async function readAgain(cut: number, from: number): Promise<number> {
  const disk = new Disk({ large: "" });
  disk.readMax = MIB;
  disk.files.set("large", new Uint8Array(cut + MIB));
  const archive = disk.archive();
  const { start } = archive.layout.partAt(cut);
  const reader = new ArchiveSegment(archive, 0, archive.length).open();
  const into = new Uint8Array(MIB);
  for (let at = 0; at < start + cut;) at += reader.read(into);
  reader.close();
  disk.readBytes = 0;
  await archive.prepare(start + from, archive.length);
  return disk.readBytes;
}

Deno.test("a download that was cut in a file goes on 200 MiB before, from which little is read again", async () => {
  assertEquals(await readAgain(400 * MIB, 200 * MIB) <= 4 * MIB, true);
});

Deno.test("an archive remembers a bounded part of a file that was cut", async () => {
  const bytes = await readAgain(400 * MIB, 100 * MIB);
  assertEquals(bytes, 100 * MIB);
});

Deno.test("an archive remembers a bounded number of files that were cut", async () => {
  const names = Array.from({ length: 65 }, (_, index) => `f${index}`);
  const disk = new Disk(
    Object.fromEntries(names.map((name) => [name, "0123456789"])),
  );
  const archive = disk.archive();
  const contents = names.map((_, index) => {
    let at = 0;
    for (;;) {
      const part = archive.layout.partAt(at);
      if (part.kind === "content" && part.index === index) return part;
      at = part.end;
    }
  });
  for (const { start } of contents) {
    const slice = new ArchiveSegment(archive, start, archive.length);
    const reader = slice.open();
    reader.read(new Uint8Array(6));
    reader.close();
  }
  const readFor = async (index: number) => {
    disk.readBytes = 0;
    const { start, end } = contents[index]!;
    await archive.prepare(start + 6, end + 1);
    return disk.readBytes;
  };
  assertEquals(await readFor(64), 0);
  assertEquals(await readFor(1), 0);
  assertEquals(await readFor(0), 6);
});

Deno.test("a file that was replaced by one of the same size and time ends one download, not all that follow", async () => {
  const disk = new Disk(FILES);
  const earlier = disk.archive();
  wholeOf(earlier);
  disk.files.set("a", utf8("bbbbbbb"));
  const archive = disk.archive();
  await archive.inherit(earlier, new Steps());
  assertThrows(() => wholeOf(archive), SourceChanged);
  const next = disk.archive();
  await next.inherit(archive, new Steps());
  assertEquals(textOf(wholeOf(next)), textOf(wholeOf(disk.archive())));
});
