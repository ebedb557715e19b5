import { type ClientProgram, isClientProgram } from "./client-program.ts"
import { type Pid, parsePid } from "./pid.ts"
import { parseSessionId, type SessionId } from "./session-id.ts"

/** The environment variables by which a client marks what it starts. */
export const markVariables = [
  "CLAUDE_CODE_SESSION_ID", // everything, from 2.1 on; in 2.0.60 and 1.0.100 nothing
  "CLAUDE_PID", // tools and hooks (2.1.332)
  "CLAUDE_CODE_MESSAGING_SOCKET", // …/PID.sock, MCP servers too (2.1.332)
  "CLAUDE_CODE_CHILD_SESSION", // tools and hooks, not MCP servers (2.1.197, 2.1.332)
  "CLAUDE_CONFIG_DIR",
  "HOME",
]

type Variables = Readonly<Record<string, string>>

/** The session whose client has started a process, or one of those that started it. */
export function markedSession(environment: Variables): SessionId | null {
  return parseSessionId(environment.CLAUDE_CODE_SESSION_ID)
}

/** The client itself, where it says so. */
export function markedClient(environment: Variables): Pid | null {
  const { CLAUDE_PID: pid, CLAUDE_CODE_MESSAGING_SOCKET: socket } = environment
  return parsePid(pid ?? /(?:^|\/)(\d+)\.sock$/.exec(socket ?? "")?.[1] ?? "")
}

export function markedHome({ CLAUDE_CONFIG_DIR: config, HOME: home }: Variables): string {
  return config?.startsWith("/") ? config.replace(/\/+$/, "") : `${home ?? ""}/.claude`
}

const shell = /(^|\/)-?(ba|da|z|k)?sh$/

/** The shell of a tool call: it reads the snapshot of the person's own shell first (1.0.100 to 2.1.332). */
export function isToolShell({ argv }: ClientProgram): boolean {
  const [program = "", ...rest] = argv
  return (
    shell.test(program) &&
    /^-l?c /.test(rest.join(" ")) &&
    rest.join(" ").includes("/shell-snapshots/snapshot-")
  )
}

/** How the client runs a hook: `/bin/sh -c …` (2.1.332). An MCP server may be run so, too, but is not marked as a child. */
export function isHookShell({ argv }: ClientProgram, environment: Variables): boolean {
  return shell.test(argv[0] ?? "") && argv[1] === "-c" && environment.CLAUDE_CODE_CHILD_SESSION !== undefined
}

/**
 * What a process of the client's own program is. `client`: it holds a conversation, or it is not known that it does not.
 * `service`: it keeps background sessions. `host`: the terminal of one, or of a spare. `spare`: a client that waits to be
 * given a session; one that was still looks like it (2.1.332). null: the program is another one, or acts as a tool.
 */
export type ClientRole = "client" | "service" | "host" | "spare" | null

/** What the client's binary acts as inside its tools' shells, and as an MCP server of other programs. */
const toolNames = /(^|\/)(rg|ripgrep|[ef]?grep|ugrep|find|bfs|fd)$/
const clientName = /(^|\/)\.?claude[^/]*$/

export function clientRole(program: ClientProgram, kernelName: string): ClientRole {
  const [called = "", first = "", second = ""] = program.argv
  const named = clientName.test(program.executable ?? "") || clientName.test(kernelName)
  if (!named && !isClientProgram(program)) return null
  if (toolNames.test(called) || (first === "mcp" && second === "serve") || /^--[a-z-]+-mcp$/.test(first))
    return null
  const end = program.argv.indexOf("--") // what stands behind it is for another client
  const options = program.argv.slice(1, end === -1 ? undefined : end)
  if (options.includes("--bg-pty-host")) return "host"
  if (options.includes("--bg-spare")) return "spare"
  return first === "daemon" ? "service" : "client"
}
