import { type FileEdit, fullLength, isOwnCall, leavesOf, type Part } from "session-rescue"

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
    ...(isOwnCall(tool, command) ? { bySessionRescue: true } : {}),
    ...(files.length === 0 ? {} : { files }),
    ...(editing.has(tool) ? { edits: () => editsIn(given) } : {}),
  }
}

/** Tools that write files; several changes to one file are a list `edits`. */
const editing = new Set(["Edit", "MultiEdit", "Write", "NotebookEdit"])

function editsIn(input: Input): FileEdit[] {
  const path = input.file_path ?? input.notebook_path
  if (!isText(path)) return []
  const changes = Array.isArray(input.edits) ? (input.edits as unknown[]) : [input]
  return changes.flatMap((change) => {
    const { old_string, new_string, content, new_source } = (change ?? {}) as Input
    const before = old_string ?? ""
    const after = new_string ?? content ?? new_source
    // a placeholder stands for a string of many KB: the call's text has it whole
    if (typeof before !== "string" || typeof after !== "string" || !isWhole(before) || !isWhole(after))
      return []
    return [{ path, before, after }]
  })
}

function isWhole(text: string): boolean {
  return fullLength(text) === text.length
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== ""
}
