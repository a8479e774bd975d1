import { assert, assertEquals, assertThrows } from "@std/assert";
import { resolve } from "@std/path";
import {
  demandNet,
  directoryAt,
  isGranted,
  listenError,
  rootAt,
  StartError,
  TEXT_BYTES_MAX,
  textAt,
  textIfAny,
} from "../../lib/service/startup.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { IS_ROOT, IS_UNIX } from "../place.ts";

/** What a call comes to: its value, or what the person is told. */
function told<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    assert(error instanceof StartError, String(error));
    assertEquals(error.name, "StartError");
    return error.message;
  }
}

testWith(
  HAS_FILES && IS_UNIX,
  "rootAt() finds a directory, a file or a ZIP file",
  () => {
    using directory = new TemporaryDirectory({
      "a/b.txt": "b",
      "a/c.ZIP": "",
      "a/.env": "secret",
    });
    const at = (name: string) => directory.join(name);
    Deno.symlinkSync(".env", at("a/link"));
    const found = (name: string) => {
      const { root, kind } = rootAt(at(name));
      assertEquals(root, at(name));
      return kind;
    };
    assertEquals(["a", "a/b.txt", "a/c.ZIP"].map(found), [
      "directory",
      "file",
      "zip",
    ]);
    for (const hidden of ["a/.env", "a/link"]) {
      assertEquals(
        told(() => rootAt(at(hidden))),
        `Cannot serve "${
          at(hidden)
        }": files whose names begin with a dot are never served`,
      );
    }
    assertEquals(
      told(() => rootAt("/dev/null")),
      'Cannot serve "/dev/null": it is neither a directory nor a file',
    );
  },
);

testWith(
  HAS_FILES,
  "directoryAt() finds a directory, and says what else there is",
  () => {
    using directory = new TemporaryDirectory({ "a/b.txt": "b" });
    const at = (name: string) => directory.join(name);
    assertEquals(directoryAt(at("a")), at("a"));
    assertEquals(directoryAt(`${at("a")}/../a/`), at("a"));
    assertEquals(directoryAt("tests"), resolve("tests"));
    const file = at("a/b.txt");
    assertEquals(
      told(() => directoryAt(file)),
      `Cannot serve "${file}": it is neither a directory nor a file`,
    );
    const missing = at("missing");
    assertEquals(
      told(() => directoryAt(missing)),
      `Cannot serve "${missing}": it does not exist`,
    );
  },
);

testWith(
  HAS_FILES && IS_UNIX && !IS_ROOT,
  "directoryAt() says when the user may not read it",
  () => {
    using directory = new TemporaryDirectory({ "a/b.txt": "b" });
    const path = directory.join("a");
    Deno.chmodSync(path, 0);
    try {
      assertEquals(
        told(() => directoryAt(path)),
        `Cannot serve "${path}": the user running skiff has no permission to read it`,
      );
      const file = directory.join("a/b.txt");
      assertEquals(
        told(() => textAt(file, "--x")),
        `Cannot read "${file}" (--x): the user running skiff has no permission to read it`,
      );
      // Nobody can tell whether there is one.
      assertEquals(textIfAny(file), undefined);
    } finally {
      Deno.chmodSync(path, 0o700);
    }
    const file = directory.join("a/b.txt");
    Deno.chmodSync(file, 0);
    assertEquals(
      told(() => textIfAny(file)),
      `Cannot read "${file}": the user running skiff has no permission to read it`,
    );
  },
);

testWith(
  HAS_FILES,
  "textAt() reads a file, and says which option names one that cannot be read",
  () => {
    using directory = new TemporaryDirectory({ "a.txt": "\ufeffä\r\n" });
    const file = directory.join("a.txt");
    assertEquals(textAt(file, "--x"), Deno.readTextFileSync(file));
    const missing = directory.join("missing");
    assertEquals(
      told(() => textAt(missing, "--x")),
      `Cannot read "${missing}" (--x): it does not exist`,
    );
    const { path } = directory;
    assertEquals(
      told(() => textAt(path, "--x")),
      `Cannot read "${path}" (--x): it is a directory`,
    );
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "directoryAt() says in a line what is wrong with a place that cannot be one",
  () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    Deno.symlinkSync("circle", directory.join("circle"));
    const places = ["a.txt/below", "circle", "a".repeat(300)];
    for (const place of places) {
      const path = directory.join(place);
      const text = told(() => directoryAt(path));
      assert(text.startsWith(`Cannot serve "${path}": `), text);
      assertEquals(text.split("\n").length, 1);
    }
  },
);

testWith(HAS_FILES, "textIfAny() reads a file if there is one", () => {
  using directory = new TemporaryDirectory({ "a.txt": "a" });
  assertEquals(textIfAny(directory.join("a.txt")), "a");
  assertEquals(textIfAny(directory.join("missing")), undefined);
  assertEquals(textIfAny(directory.join("a.txt/below")), undefined);
  const { path } = directory;
  assertEquals(
    told(() => textIfAny(path)),
    `Cannot read "${path}": it is a directory`,
  );
});

Deno.test({
  name: "without permission it is said which one to give",
  permissions: { read: false, net: false },
  fn: () => {
    assertEquals(
      told(() => directoryAt("/nowhere/site")),
      'Cannot read "/nowhere/site" without permission: run with --allow-read=/nowhere/site',
    );
    assertEquals(
      told(() => textAt("/nowhere/who", "--auth-file")),
      'Cannot read "/nowhere/who" (--auth-file) without permission: add --allow-read=/nowhere/who',
    );
    // Nobody has asked for that one.
    assertEquals(textIfAny("/nowhere/skiff.json"), undefined);
    assertEquals(isGranted({ name: "net", host: "127.0.0.1:80" }), false);
    assertEquals(
      told(() => directoryAt("/no where/$(id)/a,b")),
      `Cannot read "/no where/$(id)/a,b" without permission: run with --allow-read='/no where/$(id)/'`,
    );
    const names = [
      ["127.0.0.1", "127.0.0.1:80", "127.0.0.1:80"],
      ["::1", "[::1]:80", "'[::1]:80'"],
    ];
    for (const [host, name, word] of names) {
      assertEquals(
        told(() => demandNet(host!, 80)),
        `Cannot listen on ${name} without permission: run with --allow-net=${word}`,
      );
    }
  },
});

Deno.test("demandNet() says nothing when it is granted", () => {
  const host = "127.0.0.1:80";
  const demand = () => demandNet("127.0.0.1", 80);
  if (isGranted({ name: "net", host })) demand();
  else assertThrows(demand, StartError);
});

/** Why an address cannot be listened on. */
const REASONS: readonly (readonly [error: unknown, reason: string])[] = [
  [
    new Deno.errors.AddrInUse("x"),
    "the port is taken; choose another with --its-port, or 0 for any",
  ],
  [
    new Deno.errors.AddrNotAvailable("x"),
    "this machine does not have this address; choose another with --its-host",
  ],
  [
    new Deno.errors.PermissionDenied("x"),
    "the system does not allow it; ports below 1024 need special privileges",
  ],
  [new TypeError("odd"), "odd; see --its-host"],
  ["odd", "odd; see --its-host"],
];

for (const [error, reason] of REASONS) {
  const message = `Cannot listen on [::]:80: ${reason}`;
  Deno.test(`listenError() says: ${message}`, () => {
    const names = { host: "--its-host", port: "--its-port" };
    const said = listenError("::", 80, error, names);
    assert(said instanceof StartError);
    assertEquals(said.message, message);
  });
}

testWith(
  HAS_FILES,
  "textAt() and textIfAny() read no file without end",
  () => {
    // Pieces of an even length end within a character.
    const text = `a${"é".repeat(100_000)}`;
    using directory = new TemporaryDirectory({ "a.txt": text });
    const file = directory.join("a.txt");
    assertEquals(textIfAny(file), text);
    Deno.truncateSync(file, TEXT_BYTES_MAX + 1);
    const reason = `it has more than ${TEXT_BYTES_MAX} bytes`;
    assertEquals(
      [told(() => textAt(file, "--x")), told(() => textIfAny(file))],
      [
        `Cannot read "${file}" (--x): ${reason}`,
        `Cannot read "${file}": ${reason}`,
      ],
    );
  },
);
