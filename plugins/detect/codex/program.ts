import { isScriptHost } from "session-rescue"

interface Program {
  readonly executable: string | null
  readonly argv: readonly string[]
}

/** npm's launcher is a script that waits for the client; it holds no session. */
export function isCodexProgram({ executable }: Program): boolean {
  return /(^|\/)codex(-(x86_64|aarch64)-[a-z0-9-]+)?$/.test(executable ?? "")
}

/**
 * `client`: a terminal window, or `codex exec`. `service`: runs the turns of several windows or of an editor. null: a
 * helper that holds no session.
 */
export type CodexRole = "client" | "exec" | "service" | null

const serviceWords = new Set(["app-server", "exec-server", "mcp-server", "cloud"])
const helpers = new Set(["sandbox", "login", "logout", "mcp", "completion", "doctor", "update", "execpolicy"])

/** argv[0] tells the helpers: `codex-linux-sandbox`, `apply_patch` (0.171.0, observed). */
export function roleOf(program: Program): CodexRole {
  if (!isCodexProgram(program) || isScriptHost(program)) return null
  const [called = "", ...rest] = program.argv
  if (!/(^|\/)codex[^/]*$/.test(called) || /codex-(linux-)?sandbox|codex-execve/.test(called)) return null
  const words = rest.filter((each) => !each.startsWith("-"))
  const [first = ""] = words
  if (serviceWords.has(first)) return words.includes("pid-update-loop") ? null : "service"
  if (helpers.has(first)) return null
  return first === "exec" || first === "e" ? "exec" : "client"
}
