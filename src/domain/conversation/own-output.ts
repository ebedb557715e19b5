/** Also the names of release binaries: session-rescue-linux-x64. */
const ownNames = /^session-rescue(?:-[a-z0-9-]+)?$/
/** Commands without output worth finding. */
const silentCommands = new Set([
  "cd",
  "export",
  "set",
  "true",
  ":",
  "sleep",
  "unset",
  "source",
  ".",
  "pushd",
  "popd",
  "echo",
])
/** Words that may precede a command. */
const commandPrefixes =
  /^(?:[A-Za-z_][A-Za-z0-9_]*=\S*|do|then|else|time|sudo|env|command|exec|nohup|!|\{|\()$/
const shellKeywords = /^(?:for|while|until|if|case|select|done|fi|esac|\}|\))$/

/** Longer commands contain a script of their own. */
const maxCommandLength = 4000

/**
 * Whether all output of a shell command comes from this program: it is the first command of every pipeline,
 * except those without output. If another program prints too, its output must stay searchable.
 */
export function runsThisProgram(command: string): boolean {
  if (command.length > maxCommandLength || !command.includes("session-rescue")) return false
  const heads = pipelinesOf(command).flatMap((words) => headOf(words) ?? [])
  const loud = heads.filter((head) => !silentCommands.has(head))
  return loud.length > 0 && loud.every((head) => ownNames.test(head))
}

/** Name of the first program in a pipeline; null when there is none. */
function headOf(words: readonly string[]): string | null {
  const head = words.find((word) => !commandPrefixes.test(word))
  if (head === undefined || shellKeywords.test(head)) return null
  return head.slice(head.lastIndexOf("/") + 1)
}

/** The words of each pipeline's first command, with quotes resolved. */
function pipelinesOf(command: string): string[][] {
  const pipelines: string[][] = [[]]
  let quote = ""
  let word = ""
  let piped = false
  const end = () => {
    if (word !== "" && !piped) pipelines.at(-1)?.push(word)
    word = ""
  }
  for (let at = 0; at < command.length; at++) {
    const sign = command[at] ?? ""
    const next = command[at + 1]
    if (quote !== "") {
      if (sign === quote) quote = ""
      else word += sign
    } else if (sign === "\\") word += command[++at] ?? ""
    else if (sign === "'" || sign === '"') quote = sign
    else if (sign === "|" && next !== "|") {
      end()
      piped = true
    } else if (sign === "&" && (/[<>]$/.test(word) || next === ">")) word += sign
    else if (/[;&|\n]/.test(sign)) {
      end()
      piped = false
      pipelines.push([])
    } else if (/\s/.test(sign)) end()
    else word += sign
  }
  end()
  return pipelines
}

/** Tools of this program's MCP server, as agents name them: `mcp__session-rescue__search`, `mcp_session-rescue_search`. */
const ownTool = /^(?:mcp_{1,2})?session[-_]rescue(?:[-_.]|$)/

/**
 * Whether a tool is one of this program's MCP server, whose answers repeat what other sessions said. `server`: where the
 * agent records the server apart from the tool.
 */
export function isOwnTool(tool: string, server: string | null = null): boolean {
  return ownTool.test(tool) || (server !== null && ownTool.test(server))
}

/** Whether a call runs this program alone: by one of its own tools, or by its shell command; null: it has none. */
export function isOwnCall(tool: string, command: string | null, server: string | null = null): boolean {
  return isOwnTool(tool, server) || (command !== null && runsThisProgram(command))
}
