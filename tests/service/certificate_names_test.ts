import { assertEquals } from "@std/assert";
import { certificateNames } from "../../lib/service/certificate_names.ts";
import { makeCertificate } from "../../lib/service/made_certificate.ts";
import { FIRST_PAIR } from "../certificates.ts";
import { Random } from "../helpers.ts";

/** A certificate that is nothing but its subjectAltName, marked critical or not, with general names as hex. */
function pemOf(names: readonly string[], critical: string = ""): string {
  const bytes = names.join("").replaceAll(" ", "").match(/../g) ?? [];
  const list = ["30", size(bytes.length), ...bytes];
  const value = ["04", size(list.length), ...list];
  const hex = [
    ..."0603551d11".match(/../g)!,
    ...critical.match(/../g) ?? [],
    ...value,
  ];
  const text = hex.map((byte) => String.fromCharCode(parseInt(byte, 16)));
  return `-----BEGIN CERTIFICATE-----\n${
    btoa(text.join(""))
  }\n-----END CERTIFICATE-----\n`;
}

function size(length: number): string {
  return length.toString(16).padStart(2, "0");
}

/** A general name with a text. */
function general(tag: string, text: string): string {
  const codes = [...text].map((each) => size(each.charCodeAt(0)));
  return tag + size(text.length) + codes.join("");
}

const ROWS: readonly (readonly [
  name: string,
  pem: string,
  names: readonly string[],
])[] = [
  ["a name", pemOf([general("82", "A.example")]), ["a.example"]],
  ["a wildcard", pemOf([general("82", "*.a.example")]), ["*.a.example"]],
  ["a critical one", pemOf([general("82", "a.b")], "0101ff"), ["a.b"]],
  [
    "addresses",
    pemOf([
      "87 04 c0000201",
      "87 10 20010db8000000000000000000000001",
    ]),
    ["192.0.2.1", "2001:db8::1"],
  ],
  [
    "mail and other names beside it",
    pemOf([
      general("81", "a@b.c"),
      general("86", "http://x/"),
      general("82", "a.b"),
    ]),
    ["a.b"],
  ],
  [
    "names that are none",
    pemOf([
      general("82", "a b"),
      general("82", "a/b"),
      general("82", ""),
      general("82", "a..b"),
      general("82", "*"),
      general("82", "a.*.b"),
      general("82", "a\0.b"),
      "87 03 010203",
    ]),
    [],
  ],
  ["one that is cut", pemOf(["82 7f 61"]), []],
  [
    "no extension",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    [],
  ],
  [
    "no base64",
    "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----",
    [],
  ],
  ["nothing", "", []],
];

for (const [name, pem, names] of ROWS) {
  Deno.test(`certificateNames() reads ${name}`, () => {
    assertEquals(certificateNames(pem), names);
  });
}

Deno.test("certificateNames() reads the names of a real certificate", () => {
  const names = certificateNames(FIRST_PAIR.cert);
  assertEquals(names.includes("localhost"), true, String(names));
});

Deno.test("certificateNames() never throws, whatever stands there", () => {
  const random = new Random(11);
  const bytes = atob(FIRST_PAIR.cert.split("-----")[2]!.replaceAll("\n", ""));
  for (let i = 0; i < 2_000; i++) {
    const at = random.below(bytes.length);
    const other = String.fromCharCode(random.below(256));
    const changed = btoa(bytes.slice(0, at) + other + bytes.slice(at + 1));
    certificateNames(
      `-----BEGIN CERTIFICATE-----\n${changed}\n-----END CERTIFICATE-----`,
    );
  }
});

for (const count of [1, 10, 40]) {
  Deno.test(`certificateNames() reads a list of ${count}, whose length has more bytes the longer it is`, async () => {
    const names = Array.from({ length: count }, (_, i) => `a${i}.localhost`);
    const { cert } = await makeCertificate(names, Date.now());
    assertEquals(certificateNames(cert), names);
  });
}
