/** Which processes are Cline's, and what they do. One executable is launcher, window and hub (3.0.65, observed). */
interface Program {
  readonly executable: string | null
  readonly argv: readonly string[]
}

export function isClineProgram({ executable }: Program): boolean {
  return /(^|\/)cline(\.exe)?$/.test(executable ?? "")
}

/** `hub`: the daemon that runs the turns of its windows. `client`: a window, or one prompt. null: holds no session. */
export type ClineRole = "hub" | "client" | null

const helpers = new Set([
  ...["auth", "config", "plugin", "skill", "connect", "mcp", "doctor", "history", "h", "hook", "schedule"],
  ...["hub", "dashboard", "update", "version", "kanban"],
])

export function roleOf(program: Program): ClineRole {
  if (!isClineProgram(program)) return null
  const words = program.argv.slice(1)
  if (words.includes("--cline-hub-daemon")) return "hub"
  return helpers.has(words[0] ?? "") ? null : "client"
}

/** The session that it was started with: `--id ID`. */
export function sessionInArguments(argv: readonly string[]): string | null {
  const at = argv.indexOf("--id")
  return at === -1
    ? (argv.find((each) => each.startsWith("--id="))?.slice(5) ?? null)
    : (argv[at + 1] ?? null)
}

export function isInteractive(argv: readonly string[]): boolean {
  return argv.length === 1 || argv.includes("-i") || argv.includes("--tui")
}
