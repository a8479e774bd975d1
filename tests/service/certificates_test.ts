import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  isSameKeyPair,
  keyPairPaths,
  readKeyPair,
} from "../../lib/service/certificates.ts";
import { StartError } from "../../lib/service/startup.ts";
import {
  HAS_FILES,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import * as pairs from "./pairs.ts";

/** Pairs that can be used. */
const GOOD: readonly (readonly [name: string, cert: string, key: string])[] = [
  ["P-256", pairs.FIRST, pairs.FIRST_KEY],
  ["a key as SEC 1 has it", pairs.FIRST, pairs.FIRST_KEY_SEC1],
  ["Ed25519", pairs.ED, pairs.ED_KEY],
  ["RSA", pairs.RSA, pairs.RSA_KEY],
  ["a chain", pairs.FIRST + pairs.CA, pairs.FIRST_KEY],
  ["text before it", `subject=CN = first\n${pairs.FIRST}`, pairs.FIRST_KEY],
  [
    "CRLF",
    pairs.FIRST.replaceAll("\n", "\r\n"),
    pairs.FIRST_KEY.replaceAll("\n", "\r\n"),
  ],
];

for (const [name, cert, key] of GOOD) {
  testWith(
    HAS_NETWORK,
    `readKeyPair() reads a pair that TLS can use: ${name}`,
    () => {
      using directory = new TemporaryDirectory({ "a.pem": cert, "a.key": key });
      const { keyPair, warnings } = readKeyPair({
        tlsCert: directory.join("a.pem"),
        tlsKey: directory.join("a.key"),
      });
      assertEquals([keyPair, warnings], [{ cert, key }, []]);
      Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...keyPair! }).close();
    },
  );
}

/** Pairs that cannot be used, and what is said of them; CERT and KEY stand for the paths. */
const BAD: readonly (readonly [
  name: string,
  cert: string | undefined,
  key: string | undefined,
  message: string,
])[] = [
  [
    "no certificate",
    undefined,
    pairs.FIRST_KEY,
    'Cannot read "CERT" (--tls-cert): it does not exist',
  ],
  [
    "no key",
    pairs.FIRST,
    undefined,
    'Cannot read "KEY" (--tls-key): it does not exist',
  ],
  [
    "a chain that is too long",
    pairs.FIRST + pairs.CA.repeat(200),
    pairs.FIRST_KEY,
    'Cannot use "CERT" for TLS: clients reject a chain of more than 10 certificates',
  ],
  [
    "a stranger in the chain",
    pairs.FIRST + pairs.SECOND,
    pairs.FIRST_KEY,
    'Cannot use "CERT" for TLS: certificate 2 has issued none before it',
  ],
  [
    "another's key",
    pairs.FIRST,
    pairs.SECOND_KEY,
    `Cannot use "KEY" as the key of "CERT": it belongs to another certificate`,
  ],
  [
    "a key of another kind",
    pairs.FIRST,
    pairs.RSA_KEY,
    `Cannot use "KEY" as the key of "CERT": it belongs to another certificate`,
  ],
  [
    "a chain that begins with its end",
    pairs.CA + pairs.FIRST,
    pairs.FIRST_KEY,
    `Cannot use "KEY" as the key of "CERT": its certificate must be the first one of the chain`,
  ],
  [
    "files in each other's place",
    pairs.FIRST_KEY,
    pairs.FIRST,
    'Cannot use "CERT" as a certificate: expected a chain in PEM',
  ],
  [
    "a certificate for a key",
    pairs.FIRST,
    pairs.FIRST,
    'Cannot use "KEY" as a private key: expected one in PEM, without a password',
  ],
  [
    "a key with a password",
    pairs.FIRST,
    pairs.FIRST_KEY_ENCRYPTED,
    'Cannot use "KEY" as a private key: expected one in PEM, without a password',
  ],
  [
    "an empty certificate",
    "",
    pairs.FIRST_KEY,
    'Cannot use "CERT" as a certificate: expected a chain in PEM',
  ],
  [
    "an empty key",
    pairs.FIRST,
    "",
    'Cannot use "KEY" as a private key: expected one in PEM, without a password',
  ],
  [
    "garbage",
    "\0\u0001garbage",
    pairs.FIRST_KEY,
    'Cannot use "CERT" as a certificate: expected a chain in PEM',
  ],
  [
    "half a certificate",
    pairs.FIRST.slice(0, 300),
    pairs.FIRST_KEY,
    'Cannot use "CERT" as a certificate: expected a chain in PEM',
  ],
  [
    "half a key",
    pairs.FIRST,
    pairs.FIRST_KEY.slice(0, 100),
    'Cannot use "KEY" as a private key: expected one in PEM, without a password',
  ],
  [
    "half a chain",
    pairs.FIRST + pairs.CA.slice(0, 300),
    pairs.FIRST_KEY,
    'Cannot use "CERT" as a certificate: expected a chain in PEM that is whole',
  ],
  [
    "a chain that ends in garbage",
    `${pairs.FIRST}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    pairs.FIRST_KEY,
    'Cannot use "CERT" as a certificate: expected a chain in PEM that is whole',
  ],
  [
    "a chain whose end has lost some bytes",
    pairs.FIRST + pairs.CA.replace(/\n.{8}/, "\n"),
    pairs.FIRST_KEY,
    'Cannot use "CERT" as a certificate: expected a chain in PEM that is whole',
  ],
];

for (const [name, cert, key, message] of BAD) {
  testWith(HAS_FILES, `readKeyPair() says what is wrong: ${name}`, () => {
    using directory = new TemporaryDirectory();
    const tlsCert = directory.join("a.pem");
    const tlsKey = directory.join("a.key");
    if (cert !== undefined) directory.write("a.pem", cert);
    if (key !== undefined) directory.write("a.key", key);
    const error = assertThrows(
      () => readKeyPair({ tlsCert, tlsKey }),
      StartError,
    );
    const expected = message.replace("CERT", tlsCert).replace("KEY", tlsKey);
    assert(error.message.startsWith(expected), error.message);
  });
}

testWith(
  HAS_FILES,
  "readKeyPair() says when a certificate has expired, and takes it",
  () => {
    using directory = new TemporaryDirectory({
      "a.pem": pairs.EXPIRED,
      "a.key": pairs.FIRST_KEY,
    });
    const tlsCert = directory.join("a.pem");
    const tlsKey = directory.join("a.key");
    const { keyPair, warnings } = readKeyPair({ tlsCert, tlsKey });
    assertEquals(keyPair?.cert, pairs.EXPIRED);
    const says = `The certificate "${tlsCert}" expired on `;
    assertEquals(warnings.length, 1);
    assert(warnings[0]!.startsWith(says), warnings[0]);
    const expired = Date.parse(warnings[0]!.slice(says.length));
    assertEquals(expired, Date.UTC(2021, 0, 2, 3, 4, 5));
  },
);

Deno.test("readKeyPair() and keyPairPaths() find nothing without TLS", () => {
  const none = { tlsCert: undefined, tlsKey: undefined };
  assertEquals(readKeyPair(none), { keyPair: undefined, warnings: [] });
  assertEquals(keyPairPaths(none), []);
});

Deno.test("isSameKeyPair() compares certificate and key by their text", () => {
  const pair = { cert: "c", key: "k" };
  assertEquals(isSameKeyPair(pair, { ...pair }), true);
  assertEquals(isSameKeyPair(pair, { ...pair, cert: "d" }), false);
  assertEquals(isSameKeyPair(pair, { ...pair, key: "l" }), false);
  assertEquals(isSameKeyPair(pair, undefined), false);
});
