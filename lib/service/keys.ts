/**
 * Keys at the terminal that skiff runs in.
 *
 * @module
 */

/** How long the terminal must be silent after a key, in ms: what comes closer together was pasted. */
const QUIET_MS = 30;

/**
 * The same after Escape, which begins the sequences of arrows and of other keys, and may arrive apart from their rest.
 */
const ESCAPE_QUIET_MS = 500;

const CTRL_C = 0x03;
const ESCAPE = 0x1b;

/** What keys are read from. */
export interface KeyTerminal {
  /**
   * Lets single keys through without showing them, or restores what was before. Ctrl-C and Ctrl-Z stay signals where
   * they are.
   */
  setRaw(isRaw: boolean): void;
  /** Calls `onBytes` with what is typed until the returned function is called. */
  read(onBytes: (bytes: Uint8Array) => void): () => void;
  /** Whether the process is in the foreground; undefined if that is unknown. */
  isForeground(): boolean | undefined;
  /**
   * Calls `onContinue` when the process continues after a stop, and `onResize` when the window changes, which the
   * system reports only to the foreground.
   */
  watch(onContinue: () => void, onResize: () => void): () => void;
}

/** What each key does, by its letter; "\x03" is Ctrl-C where it is no signal. */
export type KeyActions = Readonly<Record<string, (() => void) | undefined>>;

/**
 * Reads keys while skiff is in the foreground. A burst of more than one byte is no key: pasted text and escape
 * sequences do nothing.
 */
export class Keys {
  readonly #terminal: KeyTerminal;
  readonly #actions: KeyActions;
  readonly #unwatch: () => void;
  readonly #onUnknown: () => void;
  #stopReading: (() => void) | undefined;
  /** The first byte of the burst that is arriving, and how many there are. */
  #first = 0;
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Calls `onUnknown`, unless the end comes before. */
  #telling: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /**
   * Begins to read, unless in the background. Calls `onUnknown` when it stops because it cannot know whether it is
   * there.
   */
  constructor(
    terminal: KeyTerminal,
    actions: KeyActions,
    onUnknown: () => void,
  ) {
    this.#terminal = terminal;
    this.#actions = actions;
    this.#onUnknown = onUnknown;
    this.#unwatch = terminal.watch(
      () => this.#continue(),
      () => this.#resume(),
    );
    // After a start nearly every process is in the foreground.
    if (terminal.isForeground() !== false) this.#resume();
  }

  /** Stops reading, and restores the terminal. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#telling);
    this.#unwatch();
    if (this.#pause()) this.#terminal.setRaw(false);
  }

  #continue(): void {
    const isForeground = this.#terminal.isForeground();
    const wasReading = this.#pause();
    // A shell has its own mode of the terminal, and may have restored it or not.
    if (isForeground === true) this.#resume();
    else if (isForeground === undefined && wasReading) {
      // `timeout` and shells send SIGCONT together with what ends the process, in any order.
      this.#telling = setTimeout(this.#onUnknown, QUIET_MS);
    }
  }

  #resume(): void {
    if (this.#isClosed || this.#stopReading !== undefined) return;
    clearTimeout(this.#telling);
    this.#terminal.setRaw(true);
    this.#stopReading = this.#terminal.read((bytes) => this.#take(bytes));
  }

  /** Stops reading. Returns whether it did read. */
  #pause(): boolean {
    clearTimeout(this.#timer);
    this.#count = 0;
    const stop = this.#stopReading;
    this.#stopReading = undefined;
    stop?.();
    return stop !== undefined;
  }

  #take(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#count === 0) this.#first = bytes[0]!;
    this.#count += bytes.length;
    clearTimeout(this.#timer);
    if (bytes.includes(CTRL_C)) {
      this.#count = 1;
      this.#first = CTRL_C;
      return this.#act();
    }
    const quiet = this.#first === ESCAPE ? ESCAPE_QUIET_MS : QUIET_MS;
    this.#timer = setTimeout(() => this.#act(), quiet);
  }

  #act(): void {
    const isKey = this.#count === 1;
    this.#count = 0;
    const name = String.fromCharCode(this.#first);
    if (isKey && Object.hasOwn(this.#actions, name)) this.#actions[name]?.();
  }
}

/** The terminal of this process. `process` is that of `node:process`, whose standard input can stop reading. */
export function processTerminal(
  process: NodeProcess,
  isForeground: () => boolean | undefined,
): KeyTerminal {
  const { stdin } = process;
  const isWindows = Deno.build.os === "windows";
  return {
    setRaw(isRaw) {
      try {
        // Without cbreak, Ctrl-C and Ctrl-Z would be bytes, and nothing here may stop the process.
        Deno.stdin.setRaw(isRaw, { cbreak: !isWindows });
      } catch {
        // The terminal has gone.
      }
    },
    read(onBytes) {
      const onData = (bytes: Uint8Array) => onBytes(bytes);
      stdin.on("data", onData);
      stdin.resume();
      return () => {
        stdin.off("data", onData);
        stdin.pause();
      };
    },
    isForeground,
    watch(onContinue, onResize) {
      if (isWindows) return () => {};
      Deno.addSignalListener("SIGCONT", onContinue);
      Deno.addSignalListener("SIGWINCH", onResize);
      return () => {
        Deno.removeSignalListener("SIGCONT", onContinue);
        Deno.removeSignalListener("SIGWINCH", onResize);
      };
    },
  };
}

/** The part of `node:process` that keys need. */
export interface NodeProcess {
  readonly stdin: {
    on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
    off(event: "data", listener: (bytes: Uint8Array) => void): unknown;
    resume(): unknown;
    pause(): unknown;
  };
}
