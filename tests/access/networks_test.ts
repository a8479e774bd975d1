import { BlockList } from "node:net";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  NetworkError,
  networkOf,
  Networks,
  normalAddress,
  subjectOf,
} from "../../lib/access/networks.ts";
import { Random } from "../helpers.ts";

const MEMBERS: readonly [network: string, inside: string, outside: string][] = [
  ["192.0.2.1", "192.0.2.1", "192.0.2.2"],
  ["192.0.2.0/24", "192.0.2.255", "192.0.3.0"],
  ["192.0.2.77/24", "192.0.2.1", "192.0.3.77"],
  ["192.0.2.1/32", "192.0.2.1", "192.0.2.0"],
  ["0.0.0.0/0", "203.0.113.9", "2001:db8::1"],
  ["10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"],
  ["10.0.0.0/8", "::FFFF:a01:203", "::a01:203"],
  ["10.0.0.0/8", "0:0:0:0:0:ffff:10.1.2.3", "0:0:0:0:1:ffff:10.1.2.3"],
  ["::ffff:10.0.0.0/104", "10.255.0.1", "11.0.0.1"],
  ["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"],
  ["2001:db8::1", "2001:DB8:0:0::1", "2001:db8::2"],
  ["2001:db8::/32", "2001:db8:ffff::", "2001:db9::"],
  ["fe80::/10", "fe80::1%eth0", "fec0::1"],
  ["::1", "0:0:0:0:0:0:0:1", "::"],
  ["::/0", "2001:db8::1", "192.0.2.1"],
];

for (const [network, inside, outside] of MEMBERS) {
  Deno.test(`Networks of ${network} have ${inside}, not ${outside}`, () => {
    const networks = new Networks([network]);
    // The second answer is a remembered one.
    for (let i = 0; i < 2; i++) {
      assertStrictEquals(networks.has(inside), true);
      assertStrictEquals(networks.has(outside), false);
    }
  });
}

Deno.test("Networks have what a list of Node's has", () => {
  const random = new Random(7);
  const word = () => random.below(2) === 0 ? 0 : random.below(0x10000);
  const ipv4 = () => Array.from({ length: 4 }, () => random.below(256));
  // Never a mapped address, which counts as IPv4 here.
  const ipv6 = () => [0x2001, ...Array.from({ length: 7 }, word)];
  for (let i = 0; i < 2000; i++) {
    const family = i % 2 === 0 ? "ipv4" : "ipv6";
    const make = family === "ipv4" ? ipv4 : ipv6;
    const prefix = random.below(family === "ipv4" ? 33 : 129);
    const [own, other] = [make(), make()];
    const same = random.below(own.length + 1);
    const write = (words: readonly number[]) =>
      family === "ipv4"
        ? words.join(".")
        : words.map((each) => each.toString(16)).join(":");
    const network = write(own);
    const address = write([...own.slice(0, same), ...other.slice(same)]);
    const list = new BlockList();
    list.addSubnet(network, prefix, family);
    const networks = new Networks([`${network}/${prefix}`]);
    const text = `${address} in ${network}/${prefix}`;
    assertStrictEquals(
      networks.has(address),
      list.check(address, family),
      text,
    );
  }
});

Deno.test("Networks have what any of them has", () => {
  const networks = new Networks(["192.0.2.1", "2001:db8::/32"]);
  assertStrictEquals(networks.has("192.0.2.1"), true);
  assertStrictEquals(networks.has("2001:db8::9"), true);
  assertStrictEquals(networks.has("192.0.2.2"), false);
});

Deno.test("Networks of nothing have nothing", () => {
  const networks = new Networks([]);
  assertStrictEquals(networks.has("192.0.2.1"), false);
});

Deno.test("Networks answer right for more addresses than they remember", () => {
  const networks = new Networks(["10.0.0.0/17"]);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 2500; i++) {
      const address = `10.0.${i & 255}.${i >> 8}`;
      assertStrictEquals(networks.has(address), (i & 255) < 128, address);
    }
  }
});

const NO_ADDRESSES: readonly string[] = [
  "",
  "-",
  "localhost",
  "192.0.2",
  "192.0.2.256",
  "192.0.2.01",
  "0x7f.0.0.1",
  " 192.0.2.1",
  "192.0.2.1:80",
  "[2001:db8::1]",
  "2001:db8::1::2",
  "1:2:3:4:5:6:7:8:9",
  "::ffff:192.0.2.300",
  "::1%" + "z".repeat(10_000),
  ":".repeat(10_000),
];

for (const text of NO_ADDRESSES) {
  const name = text.slice(0, 30);
  Deno.test(`normalAddress() finds no address in "${name}"`, () => {
    assertStrictEquals(normalAddress(text), undefined);
    assertStrictEquals(new Networks(["0.0.0.0/0", "::/0"]).has(text), false);
    assertStrictEquals(subjectOf(text), text);
  });
  Deno.test(`Networks refuse "${name}"`, () => {
    const error = assertThrows(() => new Networks([text]), NetworkError);
    assertStrictEquals(error.message.includes(`"${text}"`), true);
  });
}

const BAD_NETWORKS: readonly string[] = [
  "192.0.2.0/33",
  "192.0.2.0/-1",
  "192.0.2.0/",
  "192.0.2.0/8/8",
  "192.0.2.0/1e1",
  "192.0.2.0/ 8",
  "192.0.2.0/255.255.255.0",
  "2001:db8::/129",
  "fe80::1%eth0",
  "fe80::%eth0/64",
  "::ffff:10.0.0.0/95",
  "::ffff:10.0.0.0/129",
  "*",
];

for (const text of BAD_NETWORKS) {
  Deno.test(`Networks refuse ${text} by name`, () => {
    assertThrows(
      () => new Networks(["192.0.2.1", text]),
      NetworkError,
      `"${text}"`,
    );
  });
}

const SUBJECTS: readonly [address: string, subject: string][] = [
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::ffff:c000:201", "192.0.2.1"],
  ["::ffff:255.255.255.255", "255.255.255.255"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:DB8:0:0:ffff:ffff:ffff:ffff", "2001:db8:0:0::/64"],
  ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
  ["1:2:3:4:5:6:7::", "1:2:3:4::/64"],
  ["::2:3:4:5:6:7:8", "0:2:3:4::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::192.0.2.1", "0:0:0:0::/64"],
];

for (const [address, subject] of SUBJECTS) {
  Deno.test(`subjectOf() counts ${address} as ${subject}`, () => {
    assertStrictEquals(subjectOf(address), subject);
  });
}

Deno.test("normalAddress() has one form for one address", () => {
  const forms = ["FE80::A%eth0", "fe80::a", "fe80::a%1"];
  assertEquals(forms.map(normalAddress), ["fe80::a", "fe80::a", "fe80::a"]);
});

const NETWORKS_OF: readonly [address: string, network: string][] = [
  ["192.0.2.1", "192.0.2/24"],
  ["::ffff:192.0.2.255", "192.0.2/24"],
  ["192.0.3.1", "192.0.3/24"],
  ["2001:db8:1::1", "2001:db8:1::/48"],
  ["2001:DB8:1:ffff::1", "2001:db8:1::/48"],
  ["2001:db8:2::1", "2001:db8:2::/48"],
  ["fe80::1%eth0", "fe80:0:0::/48"],
  ["::1", "0:0:0::/48"],
  ["-", "-"],
  ["1.2.3", "1.2.3"],
];

for (const [address, network] of NETWORKS_OF) {
  Deno.test(`networkOf() puts ${address} in ${network}`, () => {
    assertStrictEquals(networkOf(address), network);
  });
}
