/**
 * Completion scripts for shells, made from the tables of options and commands.
 *
 * @module
 */

import { COMMAND_TABLE, type CommandRow, type Shell } from "./commands.ts";
import {
  flagOf,
  isFrom,
  isOn,
  isOptional,
  negativeOf,
  shortFlagOf,
} from "./option_row.ts";
import { OPTION_TABLE, type OptionRow } from "./options.ts";
import { quotedWord } from "./shell.ts";

/** A flag to complete. */
interface Flag {
  /** `--log`. */
  readonly name: string;
  /** `-p`. */
  readonly short: string | undefined;
  readonly help: string;
  /** The name of its value, if it must have one. */
  readonly value: string | undefined;
  /** The words that the value may be; none if it can be anything. */
  readonly choices: readonly string[];
  readonly isPath: boolean;
  readonly isRepeatable: boolean;
}

/** The script for a shell; the shell evaluates it. */
export function completionText(shell: Shell): string {
  return TEXTS[shell]();
}

const TEXTS: Readonly<Record<Shell, () => string>> = {
  bash: bashText,
  zsh: zshText,
  fish: fishText,
};

/** The flags of a command, or of the server: its own ones, and the options that they do not hide. */
function flagsOf(command?: CommandRow): Flag[] {
  const own = command === undefined ? [] : ownFlags(command);
  const options = OPTION_TABLE.filter((row) =>
    isFrom(row, "flag") &&
    (command?.takesOptions !== false || row.key === "help")
  ).map(flagOfOption);
  const hidden = own.map(({ name }) => name);
  return [...own, ...options.filter(({ name }) => !hidden.includes(name))];
}

function ownFlags({ flags = [] }: CommandRow): Flag[] {
  return flags.map((flag) => ({
    name: `--${flag.name}`,
    short: undefined,
    help: flag.help,
    value: flag.value,
    choices: flag.choices ?? [],
    isPath: flag.isPath === true,
    isRepeatable: true,
  }));
}

/** The form of an option that changes its default. */
function flagOfOption(row: OptionRow): Flag {
  const hasChoices = row.type === "text" || row.type === "number";
  return {
    name: isOn(row) ? negativeOf(row.key) : flagOf(row.key),
    short: shortFlagOf(row),
    help: row.help,
    value: isOptional(row) ? undefined : row.value,
    choices: hasChoices ? row.choices ?? [] : [],
    isPath: hasChoices && row.isPath === true,
    isRepeatable: row.type === "list",
  };
}

function formsOf({ name, short }: Flag): string[] {
  return short === undefined ? [name] : [name, short];
}

function bashText(): string {
  const words = (command?: CommandRow) =>
    lines(flagsOf(command).flatMap(formsOf));
  const commands = COMMAND_TABLE.map((row) => {
    const { operand, takesOptions } = row;
    return `    ${row.name}) flags=${words(row)} choices=${
      lines(operand?.choices ?? [])
    } operand=${operand === undefined ? "" : 1} root=${takesOptions ? 1 : ""} ;;
`;
  });
  // A command's own flag comes first: it hides an option of the same name.
  const own = COMMAND_TABLE.flatMap((row) =>
    ownFlags(row).map((flag) => bashCase(flag, row.name))
  );
  const values = [
    ...own,
    ...flagsOf().map((flag) => bashCase(flag, "*")),
  ].join("");
  return `# Completions of skiff for bash: source <(skiff completions bash)
_skiff() {
  local IFS=$'\\n' word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local command= flags=${words()} choices= operand= root=1
  if [[ $word == = ]]; then word=
  elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  if (( COMP_CWORD > 1 )); then command=\${COMP_WORDS[1]}; fi
  case $command in
${commands.join("")}    *) command= ;;
  esac
  case $command/$before in
${values}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ $operand && $COMP_CWORD == 2 ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
  elif [[ $root ]]; then
    COMPREPLY=($(compgen -d -- "$word"))
    if (( COMP_CWORD == 1 )); then
      COMPREPLY+=($(compgen -W ${
    lines(COMMAND_TABLE.map(({ name }) => name))
  } -- "$word"))
    fi
  fi
}
complete -o filenames -F _skiff skiff
`;
}

/** Words, one a line, as a word of bash: with IFS as it is set they stay apart. */
function lines(words: readonly string[]): string {
  return `$'${words.join("\\n")}'`;
}

/** What completes the value of a flag; nothing for a flag without one. */
function bashCase(flag: Flag, command: string): string {
  if (flag.value === undefined) return "";
  const pattern = formsOf(flag).map((form) => `${command}/${form}`).join("|");
  const words = flag.isPath
    ? "-f"
    : flag.choices.length > 0
    ? `-W ${lines(flag.choices)}`
    : undefined;
  const reply = words && `COMPREPLY=($(compgen ${words} -- "$word")); `;
  return `    ${pattern}) ${reply ?? ""}return ;;\n`;
}

function zshText(): string {
  const names = COMMAND_TABLE.map(({ name, summary }) =>
    `    ${quotedWord(`${name}:${summary}`)}\n`
  ).join("");
  const specs = (command?: CommandRow) =>
    flagsOf(command).flatMap(zshSpecs).map((spec) => ` \\\n        ${spec}`)
      .join("");
  const commands = COMMAND_TABLE.map((row) => {
    const { operand, takesOptions } = row;
    const action = operand?.choices === undefined
      ? " "
      : `(${operand.choices.join(" ")})`;
    const words = [
      ...operand === undefined
        ? []
        : [quotedWord(`:${operand.value.replaceAll(":", "\\:")}:${action}`)],
      ...takesOptions ? [quotedWord(":ROOT:_files -/")] : [],
    ].map((word) => ` \\\n        ${word}`).join("");
    return `    ${row.name})
      shift words
      (( CURRENT-- ))
      _arguments -s${specs(row)}${words}
      return ;;
`;
  }).join("");
  return `#compdef skiff
# Completions of skiff for zsh: source <(skiff completions zsh)
_skiff_first() {
  local -a commands=(
${names}  )
  _describe -t commands command commands
  _files -/
}
_skiff() {
  if (( CURRENT > 2 )); then
    case $words[2] in
${commands.replaceAll(/^/gm, "  ").trimEnd()}
    esac
  fi
  _arguments -s${specs().replaceAll(/^ {4}/gm, "")} \\
    '1: :_skiff_first'
}
if [[ $funcstack[1] == _skiff ]]; then _skiff "$@"; else compdef _skiff skiff; fi
`;
}

/** The specifications of a flag for _arguments, a form each. */
function zshSpecs(flag: Flag): string[] {
  const { value, help, choices, isPath, isRepeatable } = flag;
  const explained = `[${help.replaceAll(/[\]\\[]/g, "\\$&")}]`;
  const action = isPath
    ? "_files"
    : choices.length > 0
    ? `(${choices.join(" ")})`
    : " ";
  return formsOf(flag).map((form) => {
    const isLong = form.startsWith("--");
    const end = value === undefined
      ? ""
      : `:${value.replaceAll(/[:\\]/g, "\\$&")}:${action}`;
    const sign = value === undefined ? "" : isLong ? "=" : "+";
    return quotedWord(
      `${isRepeatable ? "*" : ""}${form}${sign}${explained}${end}`,
    );
  });
}

/** Text as one word in single quotes, for fish. */
function fishWord(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

function fishText(): string {
  const commands = COMMAND_TABLE.map(({ name, summary }) =>
    `complete -c skiff -n __fish_use_subcommand -a ${name} -d ${
      fishWord(summary)
    }\n`
  );
  const bare = COMMAND_TABLE.filter(({ takesOptions }) => !takesOptions)
    .map(({ name }) => name);
  const own = COMMAND_TABLE.flatMap((row) => {
    const is = `__fish_seen_subcommand_from ${row.name}`;
    const choices = row.operand?.choices;
    return [
      ...ownFlags(row).map((flag) => fishLine(flag, is)),
      ...choices === undefined ? [] : [
        `complete -c skiff -n ${fishWord(is)} -a ${
          fishWord(choices.join(" "))
        }\n`,
      ],
    ];
  });
  const options = OPTION_TABLE.filter((row) => isFrom(row, "flag"))
    .map((row) => {
      const flag = flagOfOption(row);
      const without = [
        ...row.key === "help" ? [] : bare,
        ...COMMAND_TABLE.filter(({ flags }) =>
          flags?.some(({ name }) => `--${name}` === flag.name)
        ).map(({ name }) => name),
      ];
      return fishLine(
        flag,
        without.length === 0
          ? undefined
          : `not __fish_seen_subcommand_from ${without.join(" ")}`,
      );
    });
  return `# Completions of skiff for fish: skiff completions fish | source
complete -c skiff -f
complete -c skiff -n ${
    fishWord(`not __fish_seen_subcommand_from ${bare.join(" ")}`)
  } -a '(__fish_complete_directories)'
${commands.join("")}${own.join("")}${options.join("")}`;
}

function fishLine(flag: Flag, condition: string | undefined): string {
  const { name, short, help, value, choices, isPath } = flag;
  return [
    "complete -c skiff",
    ...condition === undefined ? [] : [`-n ${fishWord(condition)}`],
    `-l ${name.slice(2)}`,
    ...short === undefined ? [] : [`-s ${short.slice(1)}`],
    ...value === undefined ? [] : [isPath ? "-r -F" : "-x"],
    ...choices.length === 0 ? [] : [`-a ${fishWord(choices.join(" "))}`],
    `-d ${fishWord(help)}\n`,
  ].join(" ");
}
