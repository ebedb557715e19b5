/** The arguments of a client, parsed as the client itself does. */
export interface ClientArguments {
  /** The first word that is neither an option nor an option's value: a subcommand, or the prompt. */
  readonly word: string | null
  /** The options by their long names, with their last value; null without a value. */
  readonly options: ReadonlyMap<string, string | null>
}

/** Options of 2.1.332 that take a value (from its --help and its own calls of itself). */
const withValue = new Set(
  `--agent --agent-color --agent-id --agent-name --agent-type --agents --append-system-prompt
  --append-system-prompt-file --autocompact --bg-spare --daemon-worker --debug-file --effort --environment
  --fallback-model --input-format --json-schema --max-budget-usd --max-thinking-tokens --max-turns
  --messaging-socket-path --model --name --output-format --parent-session-id --permission-mode
  --permission-prompt-tool --permission-prompts --plan-mode-instructions --plugin-dir --plugin-url --prefill
  --remote-control-session-name-prefix --sdk-url --session-id --setting-sources --settings --system-prompt
  --system-prompt-file --system-prompt-snapshot --teammate-mode --workload`.split(/\s+/),
)
/** Options with an optional value. */
const withOptionalValue = new Set(
  "--cloud --debug --from-pr --prompt-suggestions --remote --remote-control --resume --teleport --worktree".split(
    " ",
  ),
)
/** Options that take every value up to the next option. */
const withManyValues = new Set(
  "--add-dir --allowedTools --allowed-tools --betas --bg-pty-host --channels --disallowedTools --disallowed-tools --file --mcp-config --tools".split(
    " ",
  ),
)
const shortOptions: Readonly<Record<string, string>> = {
  c: "--continue",
  d: "--debug",
  h: "--help",
  n: "--name",
  p: "--print",
  r: "--resume",
  v: "--version",
  w: "--worktree",
}

/**
 * `given`: without the program, and without a script it runs. Anything after `--` is a prompt, or belongs to
 * another program.
 */
export function parseArguments(given: readonly string[]): ClientArguments {
  const options = new Map<string, string | null>()
  let word: string | null = null
  for (let at = 0; at < given.length; at++) {
    const argument = given[at] ?? ""
    if (argument === "--") break
    if (!isOption(argument)) {
      word ??= argument
      continue
    }
    const { flags, name, joined } = argument.startsWith("--") ? parseLong(argument) : parseShort(argument)
    for (const flag of flags) options.set(flag, null)
    const next = given[at + 1]
    const isValue = next !== undefined && (withValue.has(name) ? next !== "--" : !isOption(next))
    const takesNext = joined === null && isValue && (withValue.has(name) || withOptionalValue.has(name))
    options.set(name, joined ?? (takesNext ? next : null))
    if (takesNext) at++
    if (withManyValues.has(name)) while (at + 1 < given.length && !isOption(given[at + 1] ?? "")) at++
  }
  return { word, options }
}

/** A lone dash is a value. */
function isOption(argument: string): boolean {
  return /^-./.test(argument)
}

interface ParsedOption {
  /** Further short options in the same argument, without a value. */
  readonly flags: readonly string[]
  readonly name: string
  readonly joined: string | null
}

function parseLong(argument: string): ParsedOption {
  const equals = argument.indexOf("=")
  if (equals === -1) return { flags: [], name: argument, joined: null }
  return { flags: [], name: argument.slice(0, equals), joined: argument.slice(equals + 1) }
}

/** `-pr ID` and `-rID` are `--print --resume ID`. */
function parseShort(argument: string): ParsedOption {
  const flags: string[] = []
  for (let at = 1; ; at++) {
    const name = shortOptions[argument[at] ?? ""] ?? argument
    const rest = argument.slice(at + 1)
    if (name === argument || rest === "") return { flags, name, joined: null }
    if (withValue.has(name) || withOptionalValue.has(name)) return { flags, name, joined: rest }
    flags.push(name)
  }
}
