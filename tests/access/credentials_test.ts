import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  Credentials,
  CredentialsError,
  NAMES_MAX,
} from "../../lib/access/credentials.ts";
import { RUNNING_MAX, WAITING_MAX } from "../../lib/access/hash_queue.ts";
import { NAME_MAX } from "../../lib/access/password.ts";
import {
  ANN_LINE,
  CHEAP_HASH_OF_SECRET,
  check,
  HASH_OF_SECRET,
} from "./auth_file.ts";

Deno.test("Credentials know the names of a file and their passwords", async () => {
  const text = `\uFEFF# Who may read\r\n\r\n  ${ANN_LINE}  \r\n` +
    `#bob:no hash\nb\u00f6b smith:${HASH_OF_SECRET}`;
  const credentials = new Credentials(text);
  assertStrictEquals(await check(credentials, "ann", "secret"), "right");
  assertStrictEquals(await check(credentials, "ann", "Secret"), "wrong");
  assertStrictEquals(await check(credentials, "ann", ""), "wrong");
  assertStrictEquals(await check(credentials, "Ann", "secret"), "wrong");
  assertStrictEquals(await check(credentials, "#bob", "no hash"), "wrong");
  assertStrictEquals(await check(credentials, "", "secret"), "wrong");
  assertStrictEquals(await check(credentials, "__proto__", "secret"), "wrong");
  assertStrictEquals(
    await check(credentials, "bo\u0308b smith", "secret"),
    "right",
  );
});

const SECRET = "hunter2-and-more";

/** Lines that are refused, and what the message says of them. */
const BAD_LINES: Readonly<
  Record<string, readonly [line: string, says: string]>
> = {
  "no colon": [SECRET, "not name:hash"],
  "no name": [`:${HASH_OF_SECRET}`, "the name"],
  "a long name": ["n".repeat(NAME_MAX + 1) + `:${HASH_OF_SECRET}`, "the name"],
  "a control character": [`a\x07:${HASH_OF_SECRET}`, "the name"],
  "a name twice": [ANN_LINE, "occurs twice"],
  "a password": [`bob:${SECRET}`, "a plain password"],
  "an empty password": ["bob:", "a plain password"],
  "bcrypt": [`bob:$2y$05$${SECRET}`, "bcrypt"],
  "bcrypt of another kind": [`bob:$2b$12$${SECRET}`, "bcrypt"],
  "apr1": [`bob:$apr1$${SECRET}`, "apr1"],
  "MD5 crypt": [`bob:$1$${SECRET}`, "crypt"],
  "SHA-512 crypt": [`bob:$6$${SECRET}`, "crypt"],
  "yescrypt": [`bob:$y$j9T$${SECRET}`, "crypt"],
  "DES crypt": ["bob:rqXexS6ZhobKA", "crypt"],
  "Argon2": [`bob:$argon2id$v=19$${SECRET}`, "Argon2"],
  "SHA-1": [`bob:{SHA}${SECRET}`, "SHA"],
  "salted SHA-1": [`bob:{SSHA}${SECRET}`, "SHA"],
  "a scrypt hash that costs too much": [
    `bob:${HASH_OF_SECRET.replace("ln=10", "ln=30")}`,
    "scrypt",
  ],
  "half a scrypt hash": [`bob:${HASH_OF_SECRET.slice(0, 40)}`, "scrypt"],
  "a hash with more behind it": [`bob:${HASH_OF_SECRET}:1000`, "scrypt"],
};

for (const [name, [line, says]] of Object.entries(BAD_LINES)) {
  Deno.test(`Credentials refuse ${name}, and do not repeat it`, () => {
    const { message } = assertThrows(
      () => new Credentials(`# first\n${ANN_LINE}\n\n${line}\n`),
      CredentialsError,
      "line 4",
    );
    assert(message.includes(says), message);
    for (const part of [SECRET, "bob", HASH_OF_SECRET.slice(20, 30), "rqXe"]) {
      assert(!message.includes(part), message);
    }
    const isHash = !/not name:hash|the name/.test(message);
    assertStrictEquals(message.includes("skiff hash-password"), isHash);
  });
}

for (const text of ["", "\n\n", "# nobody\n"]) {
  Deno.test(`Credentials refuse a file of ${JSON.stringify(text)}`, () => {
    assertThrows(() => new Credentials(text), CredentialsError, "no line");
  });
}

Deno.test("Credentials refuse more names than they hold", () => {
  const lines = Array.from(
    { length: NAMES_MAX + 1 },
    (_, i) => `n${i}:${HASH_OF_SECRET}`,
  );
  assert(new Credentials(lines.slice(1).join("\n")) instanceof Credentials);
  assertThrows(
    () => new Credentials(lines.join("\n")),
    CredentialsError,
    `line ${NAMES_MAX + 1}`,
  );
});

Deno.test("Credentials hash a right password once, and a wrong one each time", async () => {
  const credentials = new Credentials(ANN_LINE);
  assertStrictEquals(credentials.recall("ann", "secret"), undefined);
  assertStrictEquals(await check(credentials, "ann", "secret"), "right");
  assertStrictEquals(check(credentials, "ann", "secret"), true);
  assertStrictEquals(credentials.recall("ann", "secret"), true);
  for (let i = 0; i < 2; i++) {
    assertStrictEquals(credentials.recall("ann", "wrong"), undefined);
    assertStrictEquals(credentials.recall("bob", "secret"), undefined);
    assertStrictEquals(await check(credentials, "ann", "wrong"), "wrong");
    assertStrictEquals(await check(credentials, "bob", "secret"), "wrong");
  }
  assertStrictEquals(credentials.recall("ann", "secret"), true);
  // The colon is not what tells a name from a password.
  assertStrictEquals(credentials.recall("ann:secret", ""), undefined);
});

Deno.test("Credentials check once what is asked many times at once", async () => {
  const credentials = new Credentials(ANN_LINE);
  const first = check(credentials, "ann", "secret");
  const more = Array.from(
    { length: 1000 },
    () => check(credentials, "ann", "secret"),
  );
  assert(first instanceof Promise);
  for (const other of more) assertStrictEquals(other, first);
  assertStrictEquals(await first, "right");
});

Deno.test("Credentials forget the oldest of very many", async () => {
  const count = 1_010;
  const lines = Array.from(
    { length: count },
    (_, i) => `n${i}:${CHEAP_HASH_OF_SECRET}`,
  );
  const credentials = new Credentials(lines.join("\n"));
  for (let i = 0; i < count; i++) {
    assertStrictEquals(await check(credentials, `n${i}`, "secret"), "right");
  }
  const known = lines.map((_, i) => credentials.recall(`n${i}`, "secret"));
  assertStrictEquals(known.filter((answer) => answer === true).length, 1_000);
  assertEquals(known.slice(0, 11), [...Array(10).fill(undefined), true]);
});

Deno.test("Credentials let only so many wait", async () => {
  const credentials = new Credentials(ANN_LINE);
  const guess = (name: string, password: string) =>
    credentials.verify(name, password, { network: password, turn: 0 });
  const answers = Array.from(
    { length: RUNNING_MAX + WAITING_MAX },
    (_, i) => guess(`name ${i % 8}`, `wrong ${i}`),
  );
  const refused = [guess("ann", "secret"), guess("nobody", "secret")];
  // Whoever asks what is being asked already need not wait for a place.
  assertStrictEquals(credentials.recall("name 7", "wrong 7"), answers[7]);
  assertStrictEquals(credentials.recall("ann", "secret"), refused[0]);
  assertEquals(await Promise.all(refused), ["busy", "busy"]);
  const verdicts = new Set(await Promise.all(answers));
  assertEquals(verdicts, new Set(["wrong"]));
  assertStrictEquals(await guess("ann", "secret"), "right");
});

Deno.test("Credentials take as long for an unknown name as for a wrong password", async () => {
  const costly = ANN_LINE.replace("ln=10", "ln=14");
  const credentials = new Credentials(costly);
  const time = async (name: string) => {
    const start = performance.now();
    assertStrictEquals(await check(credentials, name, "wrong"), "wrong");
    return performance.now() - start;
  };
  let known = Infinity;
  let unknown = Infinity;
  const isAlike = () => known < 1.5 * unknown && unknown < 1.5 * known;
  // Other work on the machine makes some of them slow: the least time counts.
  for (let i = 0; i < 3 || (i < 40 && !isAlike()); i++) {
    known = Math.min(known, await time("ann"));
    unknown = Math.min(unknown, await time("bob"));
  }
  assert(isAlike(), `${known} ms, and ${unknown} ms for an unknown name`);
});
