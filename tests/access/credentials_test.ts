import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  Credentials,
  CredentialsError,
  NAMES_MAX,
  RUNNING_MAX,
  WAITING_MAX,
} from "../../lib/access/credentials.ts";
import { NAME_MAX } from "../../lib/access/password.ts";
import { ANN_LINE, HASH_OF_SECRET } from "./auth_file.ts";

Deno.test("Credentials know the names of a file and their passwords", async () => {
  const text = `\uFEFF# Who may read\r\n\r\n  ${ANN_LINE}  \r\n` +
    `#bob:no hash\nb\u00f6b smith:${HASH_OF_SECRET}`;
  const credentials = new Credentials(text);
  assertStrictEquals(await credentials.check("ann", "secret"), true);
  assertStrictEquals(await credentials.check("ann", "Secret"), false);
  assertStrictEquals(await credentials.check("ann", ""), false);
  assertStrictEquals(await credentials.check("Ann", "secret"), false);
  assertStrictEquals(await credentials.check("#bob", "no hash"), false);
  assertStrictEquals(await credentials.check("", "secret"), false);
  assertStrictEquals(await credentials.check("__proto__", "secret"), false);
  assertStrictEquals(
    await credentials.check("bo\u0308b smith", "secret"),
    true,
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
  "a name twice": [ANN_LINE, "already"],
  "a password": [`bob:${SECRET}`, "a password as it is"],
  "an empty password": ["bob:", "a password as it is"],
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
  assertStrictEquals(await credentials.check("ann", "secret"), true);
  assertStrictEquals(credentials.check("ann", "secret"), true);
  assertStrictEquals(credentials.recall("ann", "secret"), true);
  for (let i = 0; i < 2; i++) {
    assertStrictEquals(credentials.recall("ann", "wrong"), undefined);
    assertStrictEquals(credentials.recall("bob", "secret"), undefined);
    assertStrictEquals(await credentials.check("ann", "wrong"), false);
    assertStrictEquals(await credentials.check("bob", "secret"), false);
  }
  assertStrictEquals(credentials.recall("ann", "secret"), true);
  // The colon is not what tells a name from a password.
  assertStrictEquals(credentials.recall("ann:secret", ""), undefined);
});

Deno.test("Credentials check once what is asked many times at once", async () => {
  const credentials = new Credentials(ANN_LINE);
  const first = credentials.check("ann", "secret");
  const more = Array.from(
    { length: 1000 },
    () => credentials.check("ann", "secret"),
  );
  assert(first instanceof Promise);
  for (const other of more) assertStrictEquals(other, first);
  assertStrictEquals(await first, true);
});

Deno.test("Credentials forget the oldest of very many", async () => {
  const count = 1_010;
  const lines = Array.from(
    { length: count },
    (_, i) => `n${i}:${HASH_OF_SECRET}`,
  );
  const credentials = new Credentials(lines.join("\n"));
  for (let i = 0; i < count; i++) {
    assertStrictEquals(await credentials.check(`n${i}`, "secret"), true);
  }
  const known = lines.map((_, i) => credentials.recall(`n${i}`, "secret"));
  assertStrictEquals(known.filter((answer) => answer === true).length, 1_000);
  assertEquals(known.slice(0, 11), [...Array(10).fill(undefined), true]);
});

Deno.test("Credentials let only so many wait", async () => {
  const credentials = new Credentials(ANN_LINE);
  const answers = Array.from(
    { length: RUNNING_MAX + WAITING_MAX },
    (_, i) => credentials.check("ann", `wrong ${i}`),
  );
  assert(answers.every((answer) => answer instanceof Promise));
  assertStrictEquals(credentials.check("ann", "secret"), undefined);
  assertStrictEquals(credentials.check("nobody", "secret"), undefined);
  // Whoever asks what is being asked already need not wait for a place.
  assertStrictEquals(credentials.check("ann", "wrong 7"), answers[7]);
  const all = await Promise.all(answers);
  assert(all.every((answer) => answer === false));
  assertStrictEquals(await credentials.check("ann", "secret"), true);
});

Deno.test("Credentials keep to their places when some are free again", async () => {
  const credentials = new Credentials(ANN_LINE);
  const open = new Set<Promise<unknown>>();
  let guesses = 0;
  const fill = () => {
    for (;;) {
      const answer = credentials.verify("ann", `wrong ${guesses++}`);
      if (answer === undefined) return open.size;
      open.add(answer);
      answer.then(() => open.delete(answer));
    }
  };
  for (let round = 0; round < 5; round++) {
    // So that what is over is known to be.
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertStrictEquals(fill(), RUNNING_MAX + WAITING_MAX);
  }
  await Promise.all(open);
});

Deno.test("Credentials take as long for an unknown name as for a wrong password", async () => {
  const costly = ANN_LINE.replace("ln=10", "ln=14");
  const credentials = new Credentials(costly);
  const time = async (name: string) => {
    const start = performance.now();
    assertStrictEquals(await credentials.check(name, "wrong"), false);
    return performance.now() - start;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let i = 0; i < 10; i++) {
    known.push(await time("ann"));
    unknown.push(await time("bob"));
  }
  const ratio = Math.min(...unknown) / Math.min(...known);
  assertLess(ratio, 1.5);
  assertLess(1 / ratio, 1.5);
});
