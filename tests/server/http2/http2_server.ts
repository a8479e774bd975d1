/**
 * A server that speaks HTTP/2 by prior knowledge, for the tests of its room.
 *
 * @module
 */

import { type Files, TemporaryDirectory } from "../../helpers.ts";
import { TestServer, type TestServerOptions } from "../../test_server.ts";

/** What may be different, and what it serves unless it has a handler. */
export interface Http2ServerOptions extends TestServerOptions {
  readonly files?: Files;
}

/** A server with a directory of its own, which goes with it. */
export class Http2Server extends TestServer {
  readonly #directory: TemporaryDirectory;

  constructor({ files, ...options }: Http2ServerOptions = {}) {
    const directory = new TemporaryDirectory(files);
    super(directory.path, { acceptsH2c: true, ...options });
    this.#directory = directory;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    this.#directory[Symbol.dispose]();
  }
}
