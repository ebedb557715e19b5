import type { Context, LiveProcess, ProcessDetails } from "session-rescue"

/** A child of the client that works for the turn. */
export interface Child {
  readonly pid: number
  readonly startedAt: number
  /** Its command in one short line. */
  readonly command: string
  /** null: a tool or a hook, but not known which. */
  readonly role: "tool" | "hook" | null
}

/** A child may appear slightly earlier than the record, or the registry's time, of what started it. */
export const clockToleranceMs = 1_000
const variables = ["CLAUDE_CODE_CHILD_SESSION", "CLAUDE_PROJECT_DIR", "CLAUDE_CODE_LAUNCHED_BY_SESSION_IDS"]

/**
 * The children of a client since a time. Tools' shells and hooks run in sessions of their own without a
 * terminal. MCP servers and the client's own helpers have the client's terminal (1.0.100 to 2.1.332:
 * observed), if it has one.
 */
export async function childrenSince(
  process: LiveProcess,
  since: number,
  ctx: Context,
): Promise<readonly Child[]> {
  const young = process.children.filter(
    (child) => isApart(child, process) && child.startedAt >= since - clockToleranceMs,
  )
  if (young.length === 0) return []
  const details = await ctx.processes.details(
    young.map((child) => child.pid),
    variables,
  )
  return young.flatMap(({ pid, startedAt, command }) => {
    const seen = details.get(pid)
    const role = roleOf(seen, process.terminal !== null)
    if (role === "server") return []
    return [{ pid, startedAt, role, command: formatCommand(seen) ?? command }]
  })
}

/** Tools of Gemini CLI and Qwen Code have a terminal of their own (0.61.0, 0.24.4: observed). */
function isApart({ terminal }: { terminal: string | null }, process: LiveProcess): boolean {
  return terminal === null || terminal !== process.terminal
}

/**
 * The role of a child by its environment: a tool's shell and a hook have CLAUDE_CODE_CHILD_SESSION, a hook
 * and an MCP server CLAUDE_PROJECT_DIR (2.1.197 and 2.1.332: observed). A tool's shell is also recognized by
 * the snapshot it sources. `apart`: its client has a terminal and it has none, so it is not a server.
 */
function roleOf(seen: ProcessDetails | undefined, apart: boolean): Child["role"] | "server" {
  const { CLAUDE_CODE_CHILD_SESSION: child, CLAUDE_PROJECT_DIR: project, ...more } = seen?.environment ?? {}
  if (isToolShell(seen?.argv ?? [])) return "tool"
  const served = child === undefined || more.CLAUDE_CODE_LAUNCHED_BY_SESSION_IDS !== undefined
  if (project !== undefined) return served && !apart ? "server" : "hook"
  return child === undefined ? null : "tool"
}

function isToolShell(argv: readonly string[]): boolean {
  return argv.some((argument) => /\/shell-snapshots\/|\bpwd -P >\|/.test(argument))
}

const maxCommandLength = 60

/**
 * A child's command line; null for a tool's shell: it begins with common setup code, and its command is in
 * the records.
 */
function formatCommand(seen: ProcessDetails | undefined): string | null {
  const argv = seen?.argv ?? []
  if (argv.length === 0 || isToolShell(argv)) return null
  const [program = "", option, words] = argv
  const shown = option === "-c" && words !== undefined ? words : [program, ...argv.slice(1)].join(" ")
  const line = shown.replace(/\s+/g, " ").trim()
  return line.length <= maxCommandLength ? line : `${line.slice(0, maxCommandLength - 1)}…`
}
