/**
 * A terminal for pictures: runs a command line in tmux, and gives its screen as
 * HTML.
 *
 * @module
 */

import { escape } from "@std/html";

/** The size of the terminal, in characters. */
const COLUMNS = 76;
const ROWS = 23;

/** A terminal that is gone when it goes out of scope. */
export class TmuxTerminal implements AsyncDisposable {
  /** Where the socket of its own server is; tmux leaves it behind. */
  readonly #folder = Deno.makeTempDirSync({ prefix: "skiff-pictures-" });

  /** Opens a shell in a directory. `prelude` is what the shell runs before anything is shown. */
  static async open(cwd: string, prelude: string): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal();
    await terminal.#tmux(
      ...["-f", "/dev/null", "new-session", "-d", "-c", cwd],
      ...["-x", `${COLUMNS}`, "-y", `${ROWS}`],
      ...["env", "PS1=$ ", `PRELUDE=${prelude}`, "TERM=xterm-256color"],
      ...["COLORTERM=truecolor", "LANG=C.UTF-8", "bash", "--norc", "-i"],
    );
    await terminal.#tmux("set", "status", "off");
    await terminal.type('eval "$PRELUDE"; clear');
    return terminal;
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#tmux("send-keys", "-l", line);
    await this.#tmux("send-keys", "Enter");
  }

  /** Presses a key, as tmux names it. */
  async press(key: string): Promise<void> {
    await this.#tmux("send-keys", key);
  }

  /** What is on the screen, with colours as escape sequences. */
  async screen(): Promise<string> {
    return (await this.#tmux("capture-pane", "-e", "-p")).trimEnd();
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-S", `${this.#folder}/socket`, ...args],
      env: { LANG: "C.UTF-8" },
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`tmux: ${decoder.decode(stderr).trim()}`);
    return decoder.decode(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** What escape sequences may turn on in this kind of picture. */
interface Style {
  colour: number | undefined;
  bold: boolean;
  dim: boolean;
  underline: boolean;
}

const PLAIN: Style = {
  colour: undefined,
  bold: false,
  dim: false,
  underline: false,
};

// deno-lint-ignore no-control-regex
const SEQUENCE = /\x1b\[([\d;]*)m|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)/;

/** A screen as HTML: a `span` for each piece with a style. */
export function screenHtml(screen: string): string {
  let style = PLAIN;
  // Every second and third piece is what the expression caught: the codes of a style.
  return screen.split(SEQUENCE).map((piece, index) => {
    if (index % 2 === 0) return spanOf(piece, style);
    if (piece !== undefined) style = styleAfter(style, piece);
    return "";
  }).join("");
}

function spanOf(text: string, { colour, bold, dim, underline }: Style): string {
  if (text === "") return "";
  const classes = [
    ...bold ? ["bold"] : [],
    ...dim ? ["dim"] : [],
    ...underline ? ["underline"] : [],
  ].join(" ");
  const style = colour === undefined
    ? ""
    : ` style="color: var(--${colour === 8 ? "dim" : `c${colour % 8}`})"`;
  return classes === "" && style === ""
    ? escape(text)
    : `<span class="${classes}"${style}>${escape(text)}</span>`;
}

function styleAfter(before: Style, codes: string): Style {
  let style = before;
  for (const text of codes.split(";")) {
    const code = Number(text);
    if (code === 0) style = PLAIN;
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 4) style = { ...style, underline: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 24) style = { ...style, underline: false };
    else if (code === 39) style = { ...style, colour: undefined };
    else if (code >= 31 && code <= 36) style = { ...style, colour: code - 30 };
    else if (code >= 90 && code <= 97) style = { ...style, colour: code - 82 };
  }
  return style;
}
