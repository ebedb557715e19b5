import { isOwnTool, leavesOf, type Part, runsThisProgram } from "session-rescue"

type Input = Readonly<Record<string, unknown>>

/** Tools whose input is a shell command. */
const shells = new Set(["Bash", "PowerShell", "BashTool", "Monitor"])
/**
 * Input keys with file paths, as used by the client's own tools, its language servers, and the usual MCP
 * servers.
 */
const pathKeys = ["file_path", "notebook_path", "filePath", "path", "paths"]
/** For these tools the path is where to search, not a file that was touched. */
const searching = new Set(["Grep", "Glob", "LS"])

/** A tool call as text: a shell command first, then the rest of its input. */
export function toolCallText(tool: string, input: unknown): Part {
  const given = typeof input === "object" && input !== null ? (input as Input) : {}
  const command = shells.has(tool) && typeof given.command === "string" ? given.command : null
  const rest = command === null ? input : { ...given, command: undefined }
  const words = leavesOf(rest)
  const files = searching.has(tool) ? [] : pathKeys.flatMap((key) => given[key] ?? []).filter(isText)
  return {
    kind: "tool_use",
    role: "assistant",
    tool,
    text: (command === null ? words : [command, ...words]).join("\n"),
    ...(command === null ? {} : { command }),
    ...(isOwnTool(tool) || (command !== null && runsThisProgram(command)) ? { bySessionRescue: true } : {}),
    ...(files.length === 0 ? {} : { files }),
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== ""
}
