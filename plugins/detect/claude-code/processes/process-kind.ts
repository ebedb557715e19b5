import {
  clientScriptOf,
  isNativeClient,
  isScriptHost,
  type ProcessDetails,
  type ProcessEntry,
} from "session-rescue"
import { type ClientArguments, parseArguments } from "./arguments.ts"

/** The kind of a process with the client's name. */
export type ProcessKind =
  /** Holds a conversation. */
  | { readonly is: "client" }
  /** A process of the client without a conversation of its own; `shows`: the session it was asked to show. */
  | {
      readonly is: "service" | "host" | "spare" | "window" | "other"
      readonly message: string
      readonly shows: string | null
    }
  /** Not a process of the client. */
  | { readonly is: "foreign"; readonly message: string }

/** Tools that the client's binary acts as inside its own tool shells. */
const toolNames = new Set(["rg", "ripgrep", "grep", "egrep", "fgrep", "ugrep", "find", "bfs", "fd"])

/** Subcommands that hold no conversation (2.1.332's --help, and those of older versions). */
const subcommands = new Set(
  `agents attach auth auto-mode config daemon doctor gateway import install kill login logout logs mcp
  migrate-installer plugin plugins project purge remote-control respawn rm setup-token stop ultrareview update
  upgrade`.split(/\s+/),
)
/** Options that select another mode: a browser bridge, a server, a query about the client itself. */
const otherOption = /^--(version|help|bg|background|daemon-worker|(.*-)?(mcp|native-host|mcp-server))$/

/** The kind of a process, and its arguments as the client parses them. */
export interface CommandLine {
  readonly kind: ProcessKind
  /** Empty for a process that is not a client. */
  readonly arguments: ClientArguments
}

/** Only the executable and argv count: any process can be named `claude`. */
export function readCommandLine(details: ProcessDetails, entry: ProcessEntry): CommandLine {
  const given = argumentsGivenTo(details, entry)
  if (typeof given === "string")
    return { kind: { is: "foreign", message: given }, arguments: parseArguments([]) }
  const parsed = parseArguments(given)
  return { kind: classifyArguments(given, parsed), arguments: parsed }
}

function classifyArguments(given: readonly string[], parsed: ClientArguments): ProcessKind {
  const { word, options } = parsed
  if (options.has("--bg-pty-host")) return classifyHost(given)
  if (options.has("--bg-spare")) return helper("spare", "a spare of the background service, not in use yet")
  const option = [...options.keys()].find((name) => otherOption.test(name))
  if (option !== undefined) return helper("other", `runs "${option}", which holds no conversation`)
  if (word === null || !subcommands.has(word)) return { is: "client" }
  return classifySubcommand(word, given.slice(given.indexOf(word) + 1), parsed)
}

/** The client's own arguments; a string with the reason when the process is not a client. */
function argumentsGivenTo(details: ProcessDetails, entry: ProcessEntry): readonly string[] | string {
  const [first = ""] = details.argv
  if (isNativeClient(details)) {
    const called = first.slice(first.lastIndexOf("/") + 1)
    return toolNames.has(called) ? `the client's binary acting as ${called}` : details.argv.slice(1)
  }
  if (!isScriptHost(details))
    return `has the client's name, but runs ${details.executable || "an unknown program"}`
  const script = clientScriptOf(details)
  if (script !== undefined) return details.argv.slice(details.argv.indexOf(script) + 1)
  const titled = first === "claude" && entry.name === "claude" // 1.x sets its title
  return titled ? [] : "a script that is not the client's"
}

function classifySubcommand(
  word: string,
  rest: readonly string[],
  { options }: ClientArguments,
): ProcessKind {
  if (word === "attach") return helper("window", "a window on a background session (claude attach)", rest[0])
  if (word === "agents" && !options.has("--json"))
    return helper("window", "the window of background sessions (claude agents)")
  if (word === "daemon" && (rest[0] === "run" || rest[0] === undefined))
    return helper("service", "the background service (claude daemon run)")
  return helper("other", `runs "${word}", which holds no conversation`)
}

/** After `--` come the arguments of the session that it provides a terminal for. */
function classifyHost(given: readonly string[]): ProcessKind {
  const behind = parseArguments(given.slice(given.indexOf("--") + 2))
  if (behind.options.has("--bg-spare"))
    return helper("host", "the terminal of a background session, or of a spare")
  const named = behind.options.get("--session-id") ?? behind.options.get("--resume") ?? null
  return helper("host", "the terminal of a background session (claude bg-pty-host)", named)
}

function helper(
  is: "service" | "host" | "spare" | "window" | "other",
  message: string,
  shows: string | null = null,
): ProcessKind {
  return { is, message, shows }
}
