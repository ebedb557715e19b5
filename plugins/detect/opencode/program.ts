interface Program {
  readonly executable: string | null
  readonly argv: readonly string[]
}

/** npm installs `…/opencode-linux-x64/bin/opencode` and `…/opencode-ai/bin/opencode.exe`; one binary, no launcher stays. */
export function isOpencodeProgram({ executable }: Program): boolean {
  return /(^|\/)\.?opencode(-[a-z0-9-]+)?(\.exe)?$/.test(executable ?? "")
}

/**
 * `client`: a window, or `opencode run`. `service`: a server whose sessions others show. `viewer`: shows those of a
 * server. null: a helper that holds no session.
 */
export type OpencodeRole = "client" | "run" | "service" | "viewer" | null

const services = new Set(["serve", "web", "acp", "github"])
const helpers = new Set([
  ...[
    "auth",
    "providers",
    "models",
    "upgrade",
    "uninstall",
    "export",
    "import",
    "session",
    "stats",
    "agent",
    "mcp",
  ],
  ...["debug", "completion", "db", "pr", "plugin", "generate", "console"],
])
const withValue = new Set(["-s", "--session", "-m", "--model", "--prompt", "--agent", "--port", "--hostname"])

export function roleOf(program: Program): OpencodeRole {
  if (!isOpencodeProgram(program)) return null
  const [first = ""] = wordsOf(program.argv)
  if (services.has(first)) return "service"
  if (first === "attach") return "viewer"
  if (helpers.has(first)) return null
  return first === "run" ? "run" : "client"
}

function wordsOf(argv: readonly string[]): readonly string[] {
  return argv
    .slice(1)
    .filter((each, index, all) => !each.startsWith("-") && !withValue.has(all[index - 1] ?? ""))
}

/** The session that it was started with: `-s ID`, `--session ID` or `--session=ID`. */
export function sessionInArguments(argv: readonly string[]): string | null {
  for (const [index, argument] of argv.entries()) {
    const joined = /^(?:--session|-s)=(.+)$/.exec(argument)?.[1]
    if (joined !== undefined) return joined
    if (argument === "-s" || argument === "--session") return argv[index + 1] ?? null
  }
  return null
}
