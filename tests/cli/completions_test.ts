import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMAND_TABLE, SHELLS } from "../../lib/cli/commands.ts";
import { completionText } from "../../lib/cli/completions.ts";
import { isFrom, shownFlag } from "../../lib/cli/option_row.ts";
import { OPTION_TABLE } from "../../lib/cli/options.ts";
import { HAS_PROGRAMS, TemporaryDirectory, testWith } from "../helpers.ts";
import { programPath } from "../programs.ts";

for (const shell of SHELLS) {
  Deno.test(`completionText() for ${shell} has every option and command`, () => {
    const text = completionText(shell);
    for (const { name } of COMMAND_TABLE) assertStringIncludes(text, name);
    for (const row of OPTION_TABLE) {
      if (!isFrom(row, "flag")) continue;
      const flag = shownFlag(row);
      assertStringIncludes(
        text,
        shell === "fish" ? ` -l ${flag.slice(2)} ` : flag,
      );
    }
  });
}

/** What is typed, and some of what a shell must offer for the last word, or must not. */
const ROWS: readonly {
  readonly typed: string;
  readonly has: readonly string[];
  readonly hasNot?: readonly string[];
}[] = [
  { typed: "skiff ex", has: ["explain"], hasNot: ["hash-password"] },
  { typed: "skiff si", has: ["site one/"] },
  { typed: "skiff --lo", has: ["--log"], hasNot: ["--port"] },
  { typed: "skiff --log ", has: ["common", "json"], hasNot: ["site one/"] },
  { typed: "skiff --log=", has: ["common", "json"], hasNot: ["site one/"] },
  { typed: "skiff --log=js", has: ["json"], hasNot: ["common"] },
  { typed: "skiff --no-l", has: ["--no-listing"] },
  { typed: "skiff --tls-cert a", has: ["a.pem"] },
  { typed: "skiff --port 80 si", has: ["site one/"] },
  { typed: "skiff completions ", has: ["bash", "fish"], hasNot: ["a.pem"] },
  { typed: "skiff completions --", has: ["--help"], hasNot: ["--port"] },
  { typed: "skiff explain /a --he", has: ["--header", "--help"] },
  { typed: "skiff explain /a si", has: ["site one/"] },
];

/** What stands between what a shell offers for one row and for the next. */
const BETWEEN = "----";

/** What each shell offers for several rows: a program that prints a line for each word, and {@linkcode BETWEEN} behind each row. */
const OFFERS: Readonly<
  Record<typeof SHELLS[number], (typed: readonly string[]) => string>
> = {
  // Splits the line as readline does: at "=" too.
  bash: (typed) => `
    eval "$SCRIPT"
    for COMP_LINE in ${words(typed)}; do
      spaced=\${COMP_LINE//=/ = }
      read -ra COMP_WORDS <<<"$spaced"
      [[ $COMP_LINE == *\\  ]] && COMP_WORDS+=('')
      COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      _skiff
      for each in "\${COMPREPLY[@]}"; do
        [[ -d $each ]] && each+=/
        printf '%s\\n' "$each"
      done
      echo ${BETWEEN}
    done`,
  // The shell at a terminal of its own: it adds the only word, or lists them, once its line editor shows the prompt.
  zsh: (typed) => `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1='RE''ADY '; autoload -Uz compinit; compinit -u -D; eval \\"\\$SCRIPT\\"; setopt no_beep"
    zpty -r -m shell line '*READY *'
    for each in ${words(typed)}; do
      zpty -n -w shell "$each"$'\\t'
      zpty -n -w shell $'\\C-U'"print \\$((6 * 7))END"$'\\n'
      zpty -r -m shell line '*42END*READY *'
      print -r -- "$line"
      print -- ${BETWEEN}
    done`,
  fish: (typed) => `
    echo $SCRIPT | string collect | source
    for each in ${words(typed)}
      complete -C $each | string replace -r '\\t.*' '' |
        string replace -ra '\\\\\\\\(.)' '$1' |
        string replace -r '^--log=' ''
      echo ${BETWEEN}
    end`,
};

/** Words for a shell. No row has a quote in it. */
function words(texts: readonly string[]): string {
  return texts.map((text) => `'${text}'`).join(" ");
}

/** What a shell says of each row. One process does them all: some take long to start. */
function offersOf(path: string, shell: typeof SHELLS[number]): string[] {
  using directory = new TemporaryDirectory({ "site one/a": "", "a.pem": "" });
  const { stdout, stderr } = new Deno.Command(path, {
    args: ["-c", OFFERS[shell](ROWS.map(({ typed }) => typed))],
    cwd: directory.path,
    env: {
      SCRIPT: completionText(shell),
      HOME: directory.path,
      XDG_CONFIG_HOME: directory.path,
      TERM: "dumb",
      LC_ALL: "C.UTF-8",
    },
  }).outputSync();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout).replaceAll("\\ ", " ");
  const offers = said.split(BETWEEN);
  assertEquals(offers.length, ROWS.length + 1, said + decoder.decode(stderr));
  return offers;
}

for (const shell of SHELLS) {
  const path = programPath(shell);
  let offers: string[] | undefined;
  for (const [index, { typed, has, hasNot = [] }] of ROWS.entries()) {
    const name = `${shell} completes ${JSON.stringify(typed)}${
      path === undefined ? ` (needs ${shell})` : ""
    }`;
    testWith(HAS_PROGRAMS && path !== undefined, name, () => {
      offers ??= offersOf(path!, shell);
      const told = offers[index]!;
      for (const word of has) assertStringIncludes(told, word);
      for (const word of hasNot) {
        if (told.includes(word)) throw new Error(`${word} is in ${told}`);
      }
    });
  }
}
