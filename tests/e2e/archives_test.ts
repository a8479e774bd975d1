/**
 * Folders downloaded as ZIP files, read by programs that other people have.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import { TemporaryDirectory } from "../helpers.ts";
import { programPath, testAgainst } from "../programs.ts";
import { Skiff } from "../skiff.ts";

const PAST = new Date(Date.UTC(2024, 0, 2, 3, 4, 6));

/** Names that every program writes to disk as they are. */
const PLAIN = {
  "index.txt": "index",
  "empty": "",
  "ü é 日本語 💾.txt": "composed",
  "a.txt": "lower",
  "A.TXT": "upper",
  " lead": "space",
  "-rf": "option",
  "$(x) `y` 'z' \"q\".txt": "shell",
  "%2e%2e%2fx": "percent",
  "x..": "dots",
  "many/0": "x".repeat(200_000),
  [`deep/${"d/".repeat(40)}f`]: "deep",
  ["n".repeat(255)]: "long",
};

/** Names that some programs change, so that they harm no terminal and no other system. */
const ODD = {
  "u\u0308.txt": "decomposed",
  "C:drive.txt": "drive",
  "ctl\x01\x1b[31m.txt": "controls",
  "new\nline": "line",
  "a*b?<c>|d": "patterns",
};

/** Names that lead elsewhere on some systems: no request can have them, so no archive has. */
const UNSAFE = ["..\\evil.txt", "\\abs.txt", "dir\\f.txt", "...", "..x"];

function site(): TemporaryDirectory {
  const place = new TemporaryDirectory();
  const files: Record<string, string> = { ...PLAIN, ...ODD };
  for (const name of UNSAFE) files[name] = "unsafe";
  for (const [name, content] of Object.entries(files)) {
    const path = `site/d/${name}`;
    place.write(path, content);
    Deno.utimeSync(place.join(path), PAST, PAST);
  }
  Deno.mkdirSync(place.join("site/d/folder"));
  return place;
}

async function run(path: string, args: readonly string[], cwd: string) {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: [...args],
    cwd,
    stdin: "null",
    env: { LC_ALL: "C.UTF-8" },
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  assertEquals(code, 0, `${path} ${args.join(" ")}:\n${text}`);
  return text;
}

async function download(port: number, range?: string): Promise<Uint8Array> {
  const response = await fetch(`http://127.0.0.1:${port}/d/?download=zip`, {
    headers: range === undefined ? {} : { Range: `bytes=${range}` },
  });
  const bytes = await response.bytes();
  assertEquals(response.status, range === undefined ? 200 : 206);
  return bytes;
}

/** Programs that unpack archives, with arguments to test one and to unpack it here. */
const UNPACKERS: readonly (readonly [
  program: string,
  test: readonly string[],
  unpack: readonly string[],
])[] = [
  ["unzip", ["-tq"], ["-q"]],
  ["7z", ["t", "-bd"], ["x", "-bd", "-y"]],
  ["bsdtar", ["-tf"], ["-xf"]],
];

for (const [program, test, unpack] of UNPACKERS) {
  testAgainst(
    program,
    `${program} unpacks a folder that was downloaded`,
    async (path) => {
      using place = site();
      await using skiff = new Skiff(["--port=0", place.join("site")]);
      const zip = place.join("d.zip");
      Deno.writeFileSync(zip, await download(await skiff.listening()));
      await run(path, [...test, zip], place.path);
      Deno.mkdirSync(place.join("out"));
      await run(path, [...unpack, zip], place.join("out"));
      for (const [name, content] of Object.entries(PLAIN)) {
        const file = place.join(`out/${name}`);
        assertEquals(Deno.readTextFileSync(file), content, name);
        const { mtime } = Deno.statSync(file);
        assertEquals(mtime?.getTime(), PAST.getTime(), name);
      }
      assert(Deno.statSync(place.join("out/folder")).isDirectory);
      // Nothing went to another place.
      const names = [...Deno.readDirSync(place.path)].map(({ name }) => name);
      assertEquals(names.sort(), ["d.zip", "out", "site"]);
    },
  );
}

const READER = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps({i.filename: z.read(i).decode() for i in z.infolist()}))
`;

testAgainst(
  "python3",
  "Python's zipfile finds all files of a folder, by their names, and no others",
  async (python) => {
    using place = site();
    await using skiff = new Skiff(["--port=0", place.join("site")]);
    const zip = place.join("d.zip");
    Deno.writeFileSync(zip, await download(await skiff.listening()));
    const text = await run(python, ["-c", READER, zip], place.path);
    assertEquals(JSON.parse(text), { ...PLAIN, ...ODD, "folder/": "" });
  },
);

testAgainst(
  "curl",
  "curl resumes a download wherever it was cut",
  async (curl) => {
    using place = site();
    await using skiff = new Skiff(["--port=0", place.join("site")]);
    const port = await skiff.listening();
    const whole = await download(port);
    const url = `http://127.0.0.1:${port}/d/?download=zip`;
    for (let at = 7; at < whole.length; at += 1 + Math.floor(at / 2)) {
      for (const cut of [at, whole.length - at]) {
        Deno.writeFileSync(place.join("cut.zip"), whole.subarray(0, cut));
        await run(curl, ["-sfC", "-", "-o", "cut.zip", url], place.path);
        const resumed = Deno.readFileSync(place.join("cut.zip"));
        assertEquals(indexOfDifference(resumed, whole), -1, `cut at ${cut}`);
      }
    }
  },
);

function indexOfDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  return a.findIndex((byte, index) => byte !== b[index]);
}

/** More than 32 bits can tell. */
const HUGE = 2 ** 32 + 1_000_000;

/** Bytes of a file of zeros, fetched at each of its ends: those between are as good as any. */
const EDGE = 100_000;

testAgainst(
  "unzip",
  "unzip and Python read an archive of more than 4 GiB",
  async (unzip) => {
    using place = new TemporaryDirectory({ "site/d/z.txt": "behind" });
    const huge = place.join("site/d/huge.bin");
    Deno.writeFileSync(huge, new Uint8Array());
    Deno.truncateSync(huge, HUGE);
    for (const path of [huge, place.join("site/d/z.txt")]) {
      Deno.utimeSync(path, PAST, PAST);
    }
    await using skiff = new Skiff(["--port=0", place.join("site")]);
    const port = await skiff.listening();
    // Ends with what depends on all of it; a reply may take no longer than the checksum does.
    const end = await tail(port);
    const zip = place.join("d.zip");
    using file = Deno.openSync(zip, { write: true, create: true });
    file.writeSync(await download(port, `0-${EDGE - 1}`));
    file.truncateSync(HUGE);
    file.seekSync(HUGE - EDGE, Deno.SeekMode.Start);
    const writer = file.writable.getWriter();
    await writer.write(await download(port, `${HUGE - EDGE}-`));
    assert(end.length === EDGE);
    await run(unzip, ["-tq", zip, "z.txt"], place.path);
    const python = programPath("python3");
    if (python === undefined) return;
    const text = await run(python, ["-c", HUGE_READER, zip], place.path);
    assertEquals(JSON.parse(text), {
      "huge.bin": [HUGE, checksumOfZeros(HUGE)],
      "z.txt": [6, crc32("behind")],
    });
  },
);

const HUGE_READER = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.read("z.txt") == b"behind"
    print(json.dumps({i.filename: [i.file_size, i.CRC] for i in z.infolist()}))
`;

/** Much quicker than other programs: testing a file of 4 GiB takes them half a minute. */
function checksumOfZeros(count: number): number {
  const zeros = new Uint8Array(2 ** 24);
  let checksum = 0;
  for (let left = count; left > 0; left -= zeros.length) {
    checksum = crc32(zeros.subarray(0, Math.min(left, zeros.length)), checksum);
  }
  return checksum;
}

/** The last bytes of the archive. The first replies may be 503, while the checksums are computed. */
async function tail(port: number): Promise<Uint8Array> {
  for (let attempt = 0;; attempt++) {
    try {
      return await download(port, `-${EDGE}`);
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
