/**
 * The addresses that other machines reach this one at.
 *
 * @module
 */

import { isGranted } from "./startup.ts";

/** A multicast group of this site's own networks (RFC 2365 §6.1). */
const GROUP = "239.255.83.75";

/** How long a datagram to this machine itself may take, in ms. */
const ECHO_MS = 200;

/** Bytes of the datagram, which no other program can guess. */
const TOKEN_BYTES = 16;

/** Whether an address can be reached from other machines without naming an interface. */
export function isNetworkAddress(address: string): boolean {
  return !/^(?:127\.|169\.254\.|0\.|::1$|fe[89ab])/i.test(address) &&
    !address.includes("%");
}

/**
 * The addresses of this machine in its networks, IPv4 first. With permission for `networkInterfaces`, all of them;
 * with that for the whole network, the one that the system sends from by default; otherwise none. Never rejects.
 */
export async function networkAddresses(): Promise<string[]> {
  if (isGranted({ name: "sys", kind: "networkInterfaces" })) {
    return Deno.networkInterfaces()
      .map(({ address }) => address)
      .filter(isNetworkAddress)
      .sort((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
  }
  try {
    const address = await ownAddress();
    return address !== undefined && isNetworkAddress(address) ? [address] : [];
  } catch {
    // There is no network, or it has no multicast.
    return [];
  }
}

/** The address that this machine's own datagrams to a multicast group come from. None leaves the machine. */
async function ownAddress(): Promise<string | undefined> {
  if (!isGranted({ name: "net" })) return undefined;
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "0.0.0.0",
    port: 0,
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const { port } = socket.addr as Deno.NetAddr;
    const group = await socket.joinMulticastV4(GROUP, "0.0.0.0");
    // A time to live of 0 restricts it to this machine (RFC 1112 §6.1).
    await group.setTTL(0);
    await group.setLoopback(true);
    const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
    await socket.send(token, { transport: "udp", hostname: GROUP, port });
    timer = setTimeout(() => socket.close(), ECHO_MS);
    for (;;) {
      const [bytes, from] = await socket.receive();
      if (bytes.join() === token.join()) return (from as Deno.NetAddr).hostname;
    }
  } finally {
    clearTimeout(timer);
    try {
      socket.close();
    } catch {
      // The time was over.
    }
  }
}
