import { type ClientProgram, isClientProgram } from "./client-program.ts"
import { type Pid, parsePid } from "./pid.ts"
import { parseUuid, type SessionId } from "./session-id.ts"

/** Environment variables with which a client marks its child processes. */
export const markVariables = [
  "CLAUDE_CODE_SESSION_ID", // all children, from 2.1 on; in 2.0.60 and 1.0.100 none
  "CLAUDE_PID", // tools and hooks (2.1.332)
  "CLAUDE_CODE_MESSAGING_SOCKET", // …/PID.sock, MCP servers too (2.1.332)
  "CLAUDE_CODE_CHILD_SESSION", // tools and hooks, not MCP servers (2.1.197, 2.1.332)
  "CLAUDE_CONFIG_DIR",
  "HOME",
  "OPENCODE_PID", // OpenCode's tools (1.18.33); they name no session, and live on when their client is killed
]

type Variables = Readonly<Record<string, string>>

/** The session whose client started this process or one of its ancestors. */
export function markedSession(environment: Variables): SessionId | null {
  return parseUuid(environment.CLAUDE_CODE_SESSION_ID)
}

/** Pid of the client, if the environment names it. */
export function markedClient(environment: Variables): Pid | null {
  const { CLAUDE_PID: pid, CLAUDE_CODE_MESSAGING_SOCKET: socket } = environment
  return parsePid(pid ?? /(?:^|\/)(\d+)\.sock$/.exec(socket ?? "")?.[1] ?? "")
}

/** Pid of the OpenCode client or server whose tool started this process. */
export function markedOpencode({ OPENCODE_PID: pid }: Variables): Pid | null {
  return parsePid(pid ?? "")
}

export function markedHome({ CLAUDE_CONFIG_DIR: config, HOME: home }: Variables): string {
  return config?.startsWith("/") ? config.replace(/\/+$/, "") : `${home ?? ""}/.claude`
}

const shell = /(^|\/)-?(ba|da|z|k)?sh$/

/** The shell of a tool call: it first sources the snapshot of the user's shell (1.0.100 to 2.1.332). */
export function isToolShell({ argv }: ClientProgram): boolean {
  const [program = "", ...rest] = argv
  return (
    shell.test(program) &&
    /^-l?c /.test(rest.join(" ")) &&
    rest.join(" ").includes("/shell-snapshots/snapshot-")
  )
}

/**
 * A shell that runs a hook: `/bin/sh -c …` (2.1.332). An MCP server may be started the same way, but is not
 * marked as a child.
 */
export function isHookShell({ argv }: ClientProgram, environment: Variables): boolean {
  return shell.test(argv[0] ?? "") && argv[1] === "-c" && environment.CLAUDE_CODE_CHILD_SESSION !== undefined
}

/**
 * The role of a client process. `client`: holds a conversation, or may hold one. `service`: keeps background
 * sessions. `host`: the terminal of a background session or of a spare. `spare`: a client waiting for a
 * session; a former spare still looks the same (2.1.332). null: another program, or the client binary acting
 * as a tool.
 */
export type ClientRole = "client" | "service" | "host" | "spare" | null

/**
 * Names under which the client's binary acts as a tool in its own shells, or as an MCP server of other
 * programs.
 */
const toolNames = /(^|\/)(rg|ripgrep|[ef]?grep|ugrep|find|bfs|fd)$/
const clientName = /(^|\/)\.?claude[^/]*$/

export function clientRole(program: ClientProgram, kernelName: string): ClientRole {
  const [called = "", first = "", second = ""] = program.argv
  const named = clientName.test(program.executable ?? "") || clientName.test(kernelName)
  if (!named && !isClientProgram(program)) return null
  if (toolNames.test(called) || (first === "mcp" && second === "serve") || /^--[a-z-]+-mcp$/.test(first))
    return null
  const end = program.argv.indexOf("--") // arguments after it belong to another client
  const options = program.argv.slice(1, end === -1 ? undefined : end)
  if (options.includes("--bg-pty-host")) return "host"
  if (options.includes("--bg-spare")) return "spare"
  return first === "daemon" ? "service" : "client"
}
