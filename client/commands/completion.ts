import { type Command, type Described, UsageError } from './command';
import { EXIT } from './exit-codes';
import type { CommandLine } from './parser';

const WRITERS = { bash, zsh, fish } as const;
const SHELLS = Object.keys(WRITERS).join(', ');

/** The command that prints a script for a shell. */
export function completion(line: () => CommandLine): Command {
  return {
    name: 'completion',
    summary: 'print a script that completes commands and options in a shell',
    about: `Prints a script for a shell: ${SHELLS}. The script calls nothing; it has the names of this version.`,
    options: {},
    args: 'SHELL',
    examples: [
      'source <(share-vault completion bash)',
      'share-vault completion zsh > "${fpath[1]}/_share-vault"',
      'share-vault completion fish > ~/.config/fish/completions/share-vault.fish',
    ],
    isOffline: () => true,

    run({ stdout }, _values, [shell, ...more]) {
      const write = Object.entries(WRITERS).find(([name]) => name === shell)?.[1];
      if (write === undefined || more.length > 0) throw new UsageError(`expected one of ${SHELLS}, got something else`);
      stdout.write(write(line()));
      return Promise.resolve(EXIT.done);
    },
  };
}

/** The options of a command, with hyphens, and whether each takes a value. */
function optionsOf(
  { common }: CommandLine,
  { options }: Described,
): readonly (readonly [string, string | undefined, string])[] {
  return Object.entries({ ...options, ...common }).map(
    ([name, { value, about }]) => [`--${name}`, value, about] as const,
  );
}

/** Options whose value is a file, separated: the shell completes it. */
function fileOptions(line: CommandLine): string {
  const all = line.commands.flatMap((command) => optionsOf(line, command));
  const names = all.filter(([, value]) => value === 'FILE' || value === 'DIR').map(([name]) => name);
  return [...new Set(names)].join('|') || '-';
}

function bash(line: CommandLine): string {
  const cases = line.commands.map((command) => {
    const names = optionsOf(line, command).map(([name]) => name);
    return `    ${command.name}) words='${[...names, '--help'].join(' ')}' ;;\n`;
  });
  return `# bash completion of ${line.name}
_share_vault() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" words
  COMPREPLY=()
  case "$previous" in
    ${fileOptions(line)}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ] || [ "\${COMP_WORDS[1]}" = help ]; then
    words='${['help', ...line.commands.map(({ name }) => name)].join(' ')}'
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('')}    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _share_vault ${line.name}
`;
}

function zsh(line: CommandLine): string {
  const commands = line.commands.map(
    ({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}\n`,
  );
  const cases = line.commands.map((command) => {
    const specs = optionsOf(line, command).map(([name, value, about]) => {
      const takes =
        value === undefined
          ? ''
          : `:${value.replaceAll(':', '\\:')}:${value === 'FILE' || value === 'DIR' ? '_files' : ' '}`;
      return ` \\\n        ${quoted(`${name}[${about.replaceAll(/[\][:\\]/g, '\\$&')}]${takes}`)}`;
    });
    return `    ${command.name}) _arguments${specs.join('')} ;;\n`;
  });
  return `#compdef ${line.name}
_share_vault() {
  local -a commands=(
${commands.join('')}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT -= 1 ))
  case "$command" in
${cases.join('')}  esac
}
compdef _share_vault ${line.name}
`;
}

function fish(line: CommandLine): string {
  const unused = `complete -c ${line.name} -f\n`;
  const commands = line.commands.map(
    ({ name, summary }) => `complete -c ${line.name} -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}\n`,
  );
  const options = line.commands.flatMap((command) =>
    optionsOf(line, command).map(([name, value, about]) => {
      const takes = value === undefined ? '' : value === 'FILE' || value === 'DIR' ? ' -r -F' : ' -x';
      const when = quoted(`__fish_seen_subcommand_from ${command.name}`);
      return `complete -c ${line.name} -n ${when} -l ${name.slice(2)}${takes} -d ${quoted(about)}\n`;
    }),
  );
  return `# fish completion of ${line.name}\n${unused}${commands.join('')}${options.join('')}`;
}

/** Quotes for bash and zsh, and for fish, which reads \\' in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
