import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { Credentials } from "../../lib/access/credentials.ts";
import {
  dummyHash,
  hashPassword,
  hashPasswordCommand,
  matchesHash,
  parseHash,
  PASSWORD_BYTES_MAX,
  PasswordError,
} from "../../lib/access/password.ts";
import { utf8 } from "../helpers.ts";
import { check } from "./auth_file.ts";

/** RFC 7914 §12: "pleaseletmein" with the salt "SodiumChloride", N = 16384, r = 8, p = 1. */
const PUBLISHED_KEY = "7023bdcb3afd7348461c06cd81fd38eb" +
  "fda8fbba904f8e3ea9b543f6545da1f2" +
  "d5432955613f0fcf62d49705242a9af9" +
  "e61e85dc0d651e40dfcf017b45575887";

/** "password" with a salt of "NaClNaClNaCl" and little work, for tests that need many. */
const SALT = utf8("NaClNaClNaCl").toBase64({ omitPadding: true });
const KEY = "A".repeat(43);

/** Whether a text is a hash of the password. */
async function verifyPassword(
  password: string,
  text: string,
): Promise<boolean> {
  const hash = parseHash(text);
  return hash !== undefined && await matchesHash(password, hash);
}

Deno.test("matchesHash() agrees with the published hash", async () => {
  const salt = utf8("SodiumChloride").toBase64({ omitPadding: true });
  const key = Uint8Array.fromHex(PUBLISHED_KEY).toBase64({
    omitPadding: true,
  });
  const hash = `$scrypt$ln=14,r=8,p=1$${salt}$${key}`;
  assertStrictEquals(await verifyPassword("pleaseletmein", hash), true);
  assertStrictEquals(await verifyPassword("pleaseletmeIn", hash), false);
  assertStrictEquals(await verifyPassword("", hash), false);
});

Deno.test("hashPassword() makes a hash that verifies, with a salt of its own", async () => {
  const password = "a:b pä🛶";
  const hash = await hashPassword(password);
  assertMatch(
    hash,
    /^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
  );
  assertStrictEquals(await verifyPassword(password, hash), true);
  // The same letters, from a keyboard that sends the dots apart.
  assertStrictEquals(
    await verifyPassword(password.normalize("NFD"), hash),
    true,
  );
  assertStrictEquals(await verifyPassword("a:b pa🛶", hash), false);
  assertNotEquals(await hashPassword(password), hash);
});

const GOOD_HASHES: readonly string[] = [
  `$scrypt$ln=10,r=1,p=1$${SALT}$${KEY}`,
  `$scrypt$ln=17,r=8,p=1$${SALT}$${KEY}`,
  `$scrypt$ln=16,r=8,p=2$${SALT}$${KEY}`,
  `$scrypt$ln=13,r=8,p=10$${SALT}$${KEY}`,
  `$scrypt$ln=10,r=32,p=32$${SALT}$${KEY}`,
];

for (const hash of GOOD_HASHES) {
  Deno.test(`parseHash() reads ${hash.slice(0, 22)}`, () => {
    const parsed = parseHash(hash);
    assert(parsed !== undefined);
    const { ln, r, p } = parsed;
    assertStrictEquals(
      hash.startsWith(`$scrypt$ln=${ln},r=${r},p=${p}$`),
      true,
    );
    assertEquals(parsed.salt, utf8("NaClNaClNaCl"));
    assertEquals([...parsed.key], Array(32).fill(0));
  });
}

const BAD_HASHES: Readonly<Record<string, string>> = {
  "nothing": "",
  "a password": "secret",
  "bcrypt": "$2b$12$" + "a".repeat(53),
  "too little work": `$scrypt$ln=9,r=8,p=1$${SALT}$${KEY}`,
  "too many blocks": `$scrypt$ln=18,r=1,p=1$${SALT}$${KEY}`,
  "very many blocks": `$scrypt$ln=99,r=8,p=1$${SALT}$${KEY}`,
  "too much memory": `$scrypt$ln=17,r=9,p=1$${SALT}$${KEY}`,
  "too much work": `$scrypt$ln=17,r=8,p=2$${SALT}$${KEY}`,
  "no block size": `$scrypt$ln=15,r=0,p=1$${SALT}$${KEY}`,
  "no rounds": `$scrypt$ln=15,r=8,p=0$${SALT}$${KEY}`,
  "a negative number": `$scrypt$ln=15,r=-8,p=1$${SALT}$${KEY}`,
  "a huge number": `$scrypt$ln=15,r=8,p=${"9".repeat(400)}$${SALT}$${KEY}`,
  "another order": `$scrypt$r=8,ln=15,p=1$${SALT}$${KEY}`,
  "no salt": `$scrypt$ln=15,r=8,p=1$$${KEY}`,
  "a short salt": `$scrypt$ln=15,r=8,p=1$AAAA$${KEY}`,
  "no key": `$scrypt$ln=15,r=8,p=1$${SALT}$`,
  "a short key": `$scrypt$ln=15,r=8,p=1$${SALT}$${"A".repeat(21)}`,
  "a long key": `$scrypt$ln=15,r=8,p=1$${SALT}$${"A".repeat(87)}`,
  "a key of no length": `$scrypt$ln=15,r=8,p=1$${SALT}$${"A".repeat(41)}`,
  "padding": `$scrypt$ln=15,r=8,p=1$${SALT}$${KEY}=`,
  "URL-safe base64": `$scrypt$ln=15,r=8,p=1$${SALT}$_${KEY.slice(1)}`,
  "text behind": `$scrypt$ln=15,r=8,p=1$${SALT}$${KEY} x`,
  "a line feed behind": `$scrypt$ln=15,r=8,p=1$${SALT}$${KEY}\n`,
  "a very long text": "$scrypt$".repeat(100_000),
};

for (const [name, hash] of Object.entries(BAD_HASHES)) {
  Deno.test(`parseHash() refuses ${name}`, async () => {
    assertStrictEquals(parseHash(hash), undefined);
    assertStrictEquals(await verifyPassword("secret", hash), false);
  });
}

const BAD_PASSWORDS: Readonly<Record<string, string>> = {
  "an empty one": "",
  "two lines": "secret\nmore",
  "a tab": "sec\tret",
  "a NUL": "sec\0ret",
  "a DEL": "sec\x7fret",
  "a long one": "ä".repeat(PASSWORD_BYTES_MAX / 2 + 1),
};

for (const [name, password] of Object.entries(BAD_PASSWORDS)) {
  Deno.test(`hashPassword() refuses ${name}`, async () => {
    const error = await assertRejects(
      () => hashPassword(password),
      PasswordError,
      "Cannot hash",
    );
    assertStrictEquals(error.message.includes("sec"), false);
  });
}

for (const end of ["", "\n", "\r\n"]) {
  Deno.test(`hashPasswordCommand() takes a line that ends with ${JSON.stringify(end)}`, async () => {
    const printed = await hashPasswordCommand(given(utf8(` secret ${end}`)));
    assertMatch(printed, /^\$scrypt\$[^\n]+\n$/);
    assertStrictEquals(await verifyPassword(" secret ", printed.trim()), true);
  });
}

for (const input of ["", "\n", "\r\n", "a\n\n", "a\nb\n", "\na"]) {
  Deno.test(`hashPasswordCommand() refuses ${JSON.stringify(input)}`, async () => {
    await assertRejects(
      () => hashPasswordCommand(given(utf8(input))),
      PasswordError,
    );
  });
}

/** A password that is read when it is asked for. */
function given(bytes: Uint8Array) {
  return () => Promise.resolve(bytes);
}

Deno.test("hashPasswordCommand() asks for no password when the name cannot be used", async () => {
  const read = () => Promise.reject(new Error("it was asked for"));
  await assertRejects(() => hashPasswordCommand(read, "a:b"), PasswordError);
});

Deno.test("hashPasswordCommand() makes the line of an auth file", async () => {
  const line = await hashPasswordCommand(
    given(utf8("secret\n")),
    "b\u00f6b smith",
  );
  assertMatch(line, /^b\u00f6b smith:\$scrypt\$[^\n]+\n$/);
  const credentials = new Credentials(line);
  assertStrictEquals(
    await check(credentials, "b\u00f6b smith", "secret"),
    "right",
  );
});

Deno.test("hashPasswordCommand() refuses what is not UTF-8, and takes all that is", async () => {
  const latin1 = Uint8Array.of(0x70, 0xe4, 0x77, 0x0a);
  await assertRejects(
    () => hashPasswordCommand(given(latin1)),
    PasswordError,
    "it is not UTF-8",
  );
  const printed = await hashPasswordCommand(given(utf8("\ufeffp\u00e4w")));
  const hash = printed.trim();
  assertStrictEquals(await verifyPassword("\ufeffp\u00e4w", hash), true);
});

const BAD_NAMES = [
  "",
  "a:b",
  "#a",
  " a",
  "a ",
  "a\nb",
  "a\x07",
  "n".repeat(129),
];

for (const name of BAD_NAMES) {
  Deno.test(`hashPasswordCommand() refuses the name ${JSON.stringify(name.slice(0, 9))}`, async () => {
    const { message } = await assertRejects(
      () => hashPasswordCommand(given(utf8("secret")), name),
      PasswordError,
      "as a name",
    );
    assertMatch(message, /^\P{Cc}+$/u);
  });
}

Deno.test("dummyHash() costs what another hash costs, and matches nothing", async () => {
  const like = parseHash(`$scrypt$ln=11,r=4,p=2$${SALT}$${"A".repeat(86)}`)!;
  const dummy = dummyHash(like);
  assertEquals([dummy.ln, dummy.r, dummy.p], [11, 4, 2]);
  assertStrictEquals(dummy.key.length, like.key.length);
  assertNotEquals(dummyHash(like), dummy);
  assertStrictEquals(await matchesHash("", dummy), false);
});
