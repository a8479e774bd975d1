import { basename, dirname, join } from "@std/path";

/**
 * Makes a Unix socket at `path`, which may be longer than the 107 bytes that the
 * system takes: it is reached by way of a short link. It ends when it is disposed
 * of; its name stays.
 */
export function unixSocketAt(path: string): Disposable {
  const shortcuts = Deno.makeTempDirSync({ dir: "/tmp" });
  try {
    const link = join(shortcuts, "d");
    Deno.symlinkSync(dirname(path), link);
    const listener = Deno.listen({
      transport: "unix",
      path: join(link, basename(path)),
    });
    return { [Symbol.dispose]: () => listener.close() };
  } finally {
    Deno.removeSync(shortcuts, { recursive: true });
  }
}
