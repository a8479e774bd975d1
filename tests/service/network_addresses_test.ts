import { assertEquals } from "@std/assert";
import {
  isNetworkAddress,
  networkAddresses,
} from "../../lib/service/network_addresses.ts";

const ADDRESSES: readonly (readonly [string, boolean])[] = [
  ["192.168.1.7", true],
  ["10.0.0.1", true],
  ["2001:db8::7", true],
  ["fd00::7", true],
  ["127.0.0.1", false],
  ["::1", false],
  ["169.254.3.4", false],
  ["fe80::1", false],
  ["fe80::1%eth0", false],
  ["0.0.0.0", false],
];

for (const [address, expected] of ADDRESSES) {
  Deno.test(`isNetworkAddress() of ${address}`, () => {
    assertEquals(isNetworkAddress(address), expected);
  });
}

Deno.test("networkAddresses() tells only reachable ones, and leaves nothing open", async () => {
  const addresses = await networkAddresses();
  assertEquals(addresses.filter((address) => !isNetworkAddress(address)), []);
});
