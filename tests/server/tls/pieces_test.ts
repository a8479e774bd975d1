import { assertEquals } from "@std/assert";
import { UnqueuedSocket } from "../../../lib/server/tls/socket.ts";
import { openTls, rawPair, testTls } from "./tls_pair.ts";

const PIECE_BYTES = 16 * 1024;
const LARGE_PIECE_BYTES = 48 * 1024;

/** How many writes of large pieces together are more than few. */
const WRITES = Math.ceil(8 * 1024 * 1024 / LARGE_PIECE_BYTES);

/** A system that takes what is written at once, or nothing of it, for as long as it is not disposed of. */
class FakeSystem implements Disposable {
  /** The lengths of the pieces that it was given. */
  readonly pieces: number[] = [];
  takes = true;
  readonly #writeNow = UnqueuedSocket.prototype.writeNow;

  constructor() {
    UnqueuedSocket.prototype.writeNow = (bytes, onWritten) => {
      this.pieces.push(bytes.length);
      if (this.takes) onWritten();
    };
  }

  [Symbol.dispose](): void {
    UnqueuedSocket.prototype.writeNow = this.#writeNow;
  }
}

testTls(
  "pieces are large until much is under way, and again when it was taken or given up",
  async () => {
    using system = new FakeSystem();
    using stack = new DisposableStack();
    const listener = stack.adopt(await openTls(), (each) => each.close());
    const bytes = new Uint8Array((WRITES + 1) * LARGE_PIECE_BYTES);
    const large = Array(WRITES + 1).fill(LARGE_PIECE_BYTES);
    {
      using pairs = new DisposableStack();
      const connect = async () => pairs.use(await rawPair(listener)).server;
      await (await connect()).write(bytes);
      assertEquals(system.pieces.splice(0), large);
      system.takes = false;
      for (let count = 0; count < WRITES + 1; count++) {
        (await connect()).write(bytes).catch(() => {});
      }
      assertEquals(system.pieces.splice(0), [...large.slice(1), PIECE_BYTES]);
    }
    system.takes = true;
    using pair = await rawPair(listener);
    await pair.server.write(bytes);
    assertEquals(system.pieces, large);
  },
);
