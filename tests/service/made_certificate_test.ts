import { assert, assertEquals } from "@std/assert";
import { X509Certificate } from "node:crypto";
import {
  type Authority,
  CERTIFICATE_MS,
  importAuthority,
  isPermitted,
  makeAuthority,
  makeCertificate,
} from "../../lib/service/made_certificate.ts";
import { certificateNames } from "../../lib/service/certificate_names.ts";
import { HAS_PROGRAMS, TemporaryDirectory, testWith } from "../helpers.ts";
import { programPath } from "../programs.ts";

const NOW = Date.UTC(2026, 10, 27);
const NAMES = ["localhost", "a.localhost", "127.0.0.1", "::1", "192.168.1.7"];

async function newAuthority(
  now: number = Date.now(),
): Promise<{ cert: string; authority: Authority }> {
  const { cert, key } = await makeAuthority(now);
  const { publicKey, subject } = new X509Certificate(cert);
  const spki = publicKey.export({ type: "spki", format: "der" });
  const name = /CN=(.*)/.exec(subject)![1]!;
  const bytes = new Uint8Array(spki as Uint8Array);
  return { cert, authority: await importAuthority(key, bytes, name) };
}

Deno.test("makeCertificate() names this machine, for 90 days", async () => {
  const { cert } = await makeCertificate(NAMES, NOW);
  assertEquals(certificateNames(cert), NAMES);
  const { validFrom, validTo } = new X509Certificate(cert);
  assert(Date.parse(validFrom) < NOW);
  assertEquals(Date.parse(validTo), NOW + CERTIFICATE_MS);
});

Deno.test("makeCertificate() never makes the same twice", async () => {
  const [a, b] = await Promise.all([
    makeCertificate(NAMES, NOW),
    makeCertificate(NAMES, NOW),
  ]);
  assert(a.key !== b.key);
  const serials = [a, b].map(({ cert }) =>
    new X509Certificate(cert).serialNumber
  );
  assert(serials[0] !== serials[1]);
});

const PERMITTED: readonly (readonly [string, boolean])[] = [
  ["localhost", true],
  ["app.localhost", true],
  ["notlocalhost", false],
  ["example.com", false],
  ["127.0.0.1", true],
  ["10.1.2.3", true],
  ["172.16.0.1", true],
  ["172.32.0.1", false],
  ["192.168.1.7", true],
  ["192.169.1.7", false],
  ["203.0.113.7", false],
  ["::1", true],
  ["::2", false],
  ["fd00::2", true],
  ["fe80::1", true],
  ["2001:db8::7", false],
];

for (const [name, expected] of PERMITTED) {
  Deno.test(`isPermitted() of ${name}`, () => {
    assertEquals(isPermitted(name), expected);
  });
}

/** What OpenSSL says about a certificate. */
async function verify(
  authority: string,
  cert: string,
  ...more: readonly string[]
): Promise<string> {
  using directory = new TemporaryDirectory({
    "ca.pem": authority,
    "cert.pem": cert,
  });
  const { stdout, stderr } = await new Deno.Command("openssl", {
    args: [
      "verify",
      "-x509_strict",
      ...more,
      "-CAfile",
      directory.join("ca.pem"),
      directory.join("cert.pem"),
    ],
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

const HAS_OPENSSL = HAS_PROGRAMS && programPath("openssl") !== undefined;

testWith(
  HAS_OPENSSL,
  "OpenSSL accepts what an authority issues (ignored without openssl)",
  async () => {
    const { cert: ca, authority } = await newAuthority();
    const { cert } = await makeCertificate(NAMES, Date.now(), authority);
    for (
      const more of [["-verify_hostname", "localhost"], ["-verify_ip", "::1"], [
        "-purpose",
        "sslserver",
      ]]
    ) {
      const said = await verify(ca, cert, ...more);
      assert(said.includes("cert.pem: OK"), said);
    }
    const other = await newAuthority();
    assert(!(await verify(other.cert, cert)).includes(": OK"));
  },
);

testWith(
  HAS_OPENSSL,
  "an authority vouches for no name beyond this machine (ignored without openssl)",
  async () => {
    const { cert: ca, authority } = await newAuthority();
    for (const name of ["example.com", "8.8.8.8", "2001:db8::7"]) {
      const names = ["localhost", name];
      const { cert } = await makeCertificate(names, Date.now(), authority);
      const said = await verify(ca, cert);
      assert(said.includes("permitted subtree violation"), said);
    }
  },
);
