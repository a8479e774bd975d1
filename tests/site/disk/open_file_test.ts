import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { SourceChanged, SourceRefused } from "../../../lib/http/reply.ts";
import {
  isSameVersion,
  type Version,
} from "../../../lib/site/content/version.ts";
import {
  failureOf,
  OpenFile,
  statusOf,
  versionOf,
} from "../../../lib/site/disk/open_file.ts";
import {
  HAS_PROGRAMS,
  TemporaryDirectory,
  testWith,
  utf8,
} from "../../helpers.ts";
import { openCount, PAST, TEN, testFile } from "./one_file.ts";

const OWN = { device: 1, inode: 2, size: 3, modified: 4 };
const VERSION: Version = { ...OWN, changed: 5 };

Deno.test("isSameVersion() is true for equal versions, whenever their names changed", () => {
  assert(isSameVersion(VERSION, { ...VERSION, changed: 6 }));
});

for (const key of Object.keys(OWN) as (keyof typeof OWN)[]) {
  Deno.test(`isSameVersion() is false for another ${key}`, () => {
    const other = { ...VERSION, [key]: 5 };
    assert(!isSameVersion(VERSION, other));
    assert(!isSameVersion(other, VERSION));
  });
}

testFile(
  "an OpenFile knows the version that a look at its path shows",
  (file, path) => {
    assert(file.isRegular);
    assertEquals(file.version, versionOf(Deno.statSync(path)));
    assertEquals(file.version.size, 10);
    assertEquals(file.version.modified, PAST.getTime());
  },
);

for (const time of [0, 1, -1, -1500, 1_714_558_830.123_456, 4e9]) {
  testFile(
    `both ways to look at a file agree on the time ${time} s`,
    (file, path) => {
      Deno.utimeSync(path, time, time);
      const again = new OpenFile(path);
      try {
        assertEquals(again.version, versionOf(Deno.statSync(path)));
        assert(again.isUnchanged());
        assert(!isSameVersion(again.version, file.version));
      } finally {
        again.release();
      }
    },
  );
}

testFile("readAll() gives all of a file", (file) => {
  assertEquals(file.readAll(), utf8(TEN));
});

testFile(
  "readAll() gives nothing of a file that is shorter than when it was opened",
  (file, path) => {
    Deno.truncateSync(path, 5);
    assertEquals(file.readAll(), undefined);
  },
);

testFile(
  "readAll() gives nothing of a file that is longer than when it was opened",
  (file, path) => {
    Deno.writeTextFileSync(path, "more", { append: true });
    assertEquals(file.readAll(), undefined);
  },
);

testFile(
  "readAll() gives nothing of a file that was written to",
  (file, path) => {
    Deno.writeTextFileSync(path, "9876543210");
    assertEquals(file.readAll(), undefined);
  },
);

testFile(
  "readAll() gives all of a file that has been replaced since",
  (file, path, directory) => {
    directory.write("b.txt", "9876543210");
    Deno.renameSync(directory.join("b.txt"), path);
    assertEquals(file.readAll(), utf8(TEN));
  },
);

testFile(
  "readAll() of an empty file gives no bytes",
  (_file, _path, directory) => {
    directory.write("empty.txt", "");
    const empty = new OpenFile(directory.join("empty.txt"));
    try {
      assertEquals(empty.readAll(), new Uint8Array(0));
    } finally {
      empty.release();
    }
  },
);

testFile("read() reads from a position, up to the end", (file) => {
  const into = new Uint8Array(4);
  assertEquals(file.read(into, 3), 4);
  assertEquals(into, utf8("3456"));
  assertEquals(file.read(into, 8), 2);
  assertEquals(into.subarray(0, 2), utf8("89"));
  assertEquals(file.read(into, 10), 0);
  assertEquals(file.read(into, 1e9), 0);
  assertEquals(file.read(new Uint8Array(0), 0), 0);
});

testFile(
  "read() does not read more than 256 KiB in one go",
  (_file, _path, directory) => {
    directory.write("large.bin", new Uint8Array(300 * 1024));
    const large = new OpenFile(directory.join("large.bin"));
    try {
      assertEquals(large.read(new Uint8Array(300 * 1024), 0), 256 * 1024);
      assertEquals(large.readAll()?.length, 300 * 1024);
    } finally {
      large.release();
    }
  },
);

/** What can happen to a file that is open, and whether it is then still what it was. */
const CHANGES: Readonly<
  Record<
    string,
    [isUnchanged: boolean, change: (path: string, other: string) => void]
  >
> = {
  "nothing": [true, () => {}],
  "reading": [true, (path) => void Deno.readFileSync(path)],
  "another name for it": [true, (path, other) => Deno.linkSync(path, other)],
  "another name instead": [true, (path, other) => Deno.renameSync(path, other)],
  "being deleted": [true, (path) => Deno.removeSync(path)],
  "being replaced by another file": [true, (path, other) => {
    Deno.writeTextFileSync(other, TEN);
    Deno.renameSync(other, path);
  }],
  "being replaced by a directory": [true, (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  }],
  "being replaced by a link to nothing": [true, (path) => {
    Deno.removeSync(path);
    Deno.symlinkSync("gone", path);
  }],
  "being written to": [false, (path) => Deno.writeTextFileSync(path, TEN)],
  "growing": [false, (path) => {
    Deno.writeTextFileSync(path, "x", { append: true });
    Deno.utimeSync(path, PAST, PAST);
  }],
  "shrinking": [false, (path) => {
    Deno.truncateSync(path, 9);
    Deno.utimeSync(path, PAST, PAST);
  }],
  "another modification time": [false, (path) => Deno.utimeSync(path, 1, 1)],
  "being written to, and then deleted": [false, (path) => {
    Deno.writeTextFileSync(path, "9876543210");
    Deno.removeSync(path);
  }],
};

for (const [name, [isUnchanged, change]] of Object.entries(CHANGES)) {
  testFile(`isUnchanged() is ${isUnchanged} after ${name}`, (file, path) => {
    change(path, `${path}.other`);
    assertEquals(file.isUnchanged(), isUnchanged);
  });

  testFile(
    `confirm() ${
      isUnchanged ? "resolves" : "rejects"
    } after ${name} in the same turn`,
    async (file, path) => {
      let changes = 0;
      file.onChange = () => changes++;
      const confirmed = file.confirm();
      change(path, `${path}.other`);
      if (isUnchanged) await confirmed;
      else await assertRejects(() => confirmed, SourceChanged);
      assertEquals(changes, isUnchanged ? 0 : 1);
    },
  );

  const isThere = isUnchanged && !name.includes("instead") &&
    !name.startsWith("being");
  testFile(
    `hold() ${isThere ? "opens again" : "throws"} after ${name}`,
    (file, path) => {
      file.release();
      assertEquals(openCount(path), 0);
      change(path, `${path}.other`);
      if (isThere) {
        file.hold();
        assertEquals(file.readAll(), utf8(TEN));
      } else {
        assertThrows(() => file.hold(), SourceChanged);
        assertEquals(openCount(path), 0);
      }
    },
  );

  testFile(
    `hold() of a file that is held does not look at ${name}`,
    (file, path) => {
      change(path, `${path}.other`);
      file.hold();
      file.release();
      assertEquals(file.read(new Uint8Array(5), 0), 5);
    },
  );
}

testFile(
  "confirm() looks once for all that is read in a turn",
  async (file) => {
    const first = file.confirm();
    assertStrictEquals(file.confirm(), first);
    await first;
    const second = file.confirm();
    assert(second !== first);
    await second;
  },
);

testFile(
  "confirm() looks again for what is read after the look",
  async (file, path) => {
    await file.confirm();
    Deno.writeTextFileSync(path, "9876543210");
    await assertRejects(() => file.confirm(), SourceChanged);
    await assertRejects(() => file.confirm(), SourceChanged);
  },
);

testFile(
  "confirm() holds the file until it has looked, and opens it for that",
  async (file, path) => {
    file.release();
    const confirmed = file.confirm();
    assertEquals(openCount(path), 1);
    await confirmed;
    assertEquals(openCount(path), 0);
    Deno.removeSync(path);
    assertThrows(() => file.confirm(), SourceChanged);
  },
);

testFile(
  "confirm() disturbs nobody when nothing waits for it",
  async (file, path) => {
    file.confirm();
    Deno.truncateSync(path, 5);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(openCount(path), 1);
  },
);

testFile(
  "a file that could not be held again can be, when its version is back",
  (file, path) => {
    file.release();
    Deno.renameSync(path, `${path}.other`);
    assertThrows(() => file.hold(), SourceChanged);
    Deno.renameSync(`${path}.other`, path);
    file.hold();
    assertEquals(file.readAll(), utf8(TEN));
  },
);

testFile("a file is open until its last holder lets go", (file, path) => {
  file.hold();
  file.hold();
  for (const left of [1, 1, 0]) {
    file.release();
    assertEquals(openCount(path), left);
  }
});

testFile("an OpenFile of what is not there is not made", (_file, path) => {
  assertThrows(() => new OpenFile(`${path}.gone`), Error, "ENOENT");
});

testFile(
  "an OpenFile of a directory is not regular",
  (_file, _path, directory) => {
    const opened = new OpenFile(directory.path);
    assertEquals(opened.isRegular, false);
    opened.release();
    assertEquals(openCount(directory.path), 0);
  },
);

testWith(
  HAS_PROGRAMS && Deno.build.os === "linux",
  "opening a FIFO does not wait for somebody to write to it",
  () => {
    using directory = new TemporaryDirectory();
    const path = directory.join("fifo");
    const made = new Deno.Command("mkfifo", { args: [path] }).outputSync();
    assert(made.success);
    const opened = new OpenFile(path);
    assertEquals(opened.isRegular, false);
    opened.release();
  },
);

testFile("hold() throws after the right to read is taken", (file, path) => {
  // Whoever may do everything may still read it.
  if (Deno.uid() === 0) return;
  file.release();
  Deno.chmodSync(path, 0);
  assertThrows(() => file.hold(), SourceRefused);
});

/** Why a file cannot be opened again, and the status that is answered with for it; 0 where it is gone. */
const FAILURES: readonly (readonly [status: number, codes: string])[] = [
  [0, "ENOENT ENOTDIR ELOOP ENXIO ESTALE"],
  [403, "EACCES EPERM"],
  [503, "EMFILE ENFILE"],
];

for (const [status, codes] of FAILURES) {
  Deno.test(`failureOf() of ${codes}: ${status || "gone"}`, () => {
    for (const code of codes.split(" ")) {
      const failure = failureOf(Object.assign(new Error("/srv"), { code }));
      assertEquals(failure instanceof SourceChanged, status === 0);
      assertEquals((failure as SourceRefused).status ?? 0, status);
    }
  });
}

Deno.test("failureOf() leaves alone what says nothing of the file", () => {
  const broken = Object.assign(new Error("broken disk"), { code: "EIO" });
  for (const error of [broken, "a text"]) assertEquals(failureOf(error), error);
  const outside = failureOf(new Deno.errors.NotCapable("a link leads away"));
  assert(outside instanceof SourceChanged);
  assertEquals(outside.message, "File has been replaced");
});

const STATUSES: readonly (readonly [
  status: 403 | 404 | 503 | undefined,
  codes: string,
])[] = [
  [404, "ENOENT ENOTDIR ELOOP ENAMETOOLONG EINVAL ENXIO"],
  [403, "EACCES EPERM"],
  [503, "EMFILE ENFILE"],
  [undefined, "EIO ESTALE"],
];

for (const [status, codes] of STATUSES) {
  Deno.test(`statusOf() of ${codes}: ${status ?? "none"}`, () => {
    for (const code of codes.split(" ")) {
      const error = Object.assign(new Error("/srv"), { code });
      assertEquals(statusOf(error), status);
    }
  });
}

Deno.test("statusOf() of what the sandbox refuses: 404", () => {
  assertEquals(statusOf(new Deno.errors.NotCapable("a link leads away")), 404);
});
