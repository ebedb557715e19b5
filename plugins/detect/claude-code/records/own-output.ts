/** Also as a release names it: session-rescue-linux-x64. */
const ownNames = /^session-rescue(?:-[a-z0-9-]+)?$/
/** They print nothing that anybody would look for. */
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
/** Words that stand before a command and are none. */
const commandPrefixes =
  /^(?:[A-Za-z_][A-Za-z0-9_]*=\S*|do|then|else|time|sudo|env|command|exec|nohup|!|\{|\()$/
const shellKeywords = /^(?:for|while|until|if|case|select|done|fi|esac|\}|\))$/

/** Longer commands carry a program of their own. */
const maxCommandLength = 4000

/**
 * Whether all that a shell command prints comes from this program: it stands at the head of every pipeline, but of those
 * that print nothing. Where another program prints too, what that one says is to be found.
 */
export function runsThisProgram(command: string): boolean {
  if (command.length > maxCommandLength || !command.includes("session-rescue")) return false
  const heads = pipelinesOf(command).flatMap((words) => headOf(words) ?? [])
  const loud = heads.filter((head) => !silentCommands.has(head))
  return loud.length > 0 && loud.every((head) => ownNames.test(head))
}

/** The first program's name in a pipeline; null where there is none. */
function headOf(words: readonly string[]): string | null {
  const head = words.find((word) => !commandPrefixes.test(word))
  if (head === undefined || shellKeywords.test(head)) return null
  return head.slice(head.lastIndexOf("/") + 1)
}

/** The words of each pipeline's first command, quotes heeded. */
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
