import { fullLength, type Part, runsThisProgram, type TranscriptRecord } from "session-rescue"

/**
 * The text of a user record, by speaker: besides the user's input, the client writes the output of its own
 * commands there, and its reminders to the model, each in a tag of its own (observed, 1.0.100 to 2.1.332).
 */
export function userParts(record: TranscriptRecord, words: string): Part[] {
  if (fullLength(words) !== words.length) return [byPerson(words)] // only its beginning is available
  const command = slashCommand(words)
  if (command !== null) return [byPerson(command)]
  const shell = shellCommand(record, words)
  if (shell !== null) return shell
  if (/^(?:<local-command-(?:stdout|stderr|caveat)>|Caveat: The messages below were generated)/.test(words))
    return [byClient(words)]
  if (/^\[Request interrupted by user[^\]]*\]$/.test(words)) return [{ ...byClient(words), isError: true }]
  return withoutReminders(words, byPerson)
}

/** Separates a text from the client's reminders before and after it, which are parts of their own. */
export function withoutReminders(words: string, said: (text: string) => Part): Part[] {
  if (fullLength(words) !== words.length || !words.includes("</system-reminder>")) return [said(words)]
  const before = /^(?:\s*<system-reminder>[\s\S]*?<\/system-reminder>)+/.exec(words)?.[0] ?? ""
  const from = startOfTrailingReminders(words, before.length)
  const text = words.slice(before.length, from)
  const own = [before, words.slice(from)].map((each) => each.trim()).filter((each) => each !== "")
  return [...(text.trim() === "" && own.length > 0 ? [] : [said(text.trimEnd())]), ...own.map(byClient)]
}

const opening = "<system-reminder>"
const closing = "</system-reminder>"

/** Offset at which the trailing reminders of a text begin. */
function startOfTrailingReminders(words: string, least: number): number {
  let from = words.length
  for (;;) {
    const end = words.slice(0, from).trimEnd().length
    if (end <= least || !words.slice(0, end).endsWith(closing)) return from
    const start = words.lastIndexOf(opening, end)
    if (start < least || words.slice(start, end - closing.length).includes(closing)) return from
    from = start
  }
}

/** As typed: `/name arguments`. */
function slashCommand(words: string): string | null {
  if (!words.includes("<command-name>")) return null
  const tags = new Map<string, string>()
  const rest = words.replace(
    /<command-(name|message|args|contents)>([\s\S]*?)<\/command-\1>/g,
    (_, tag, text) => {
      tags.set(tag, text.trim())
      return ""
    },
  )
  const name = tags.get("name") ?? ""
  if (rest.trim() !== "" || name === "") return null
  return [name, tags.get("args") ?? ""].join(" ").trim()
}

/** `! command`, which the user ran inside the client, and its output; the two share a prompt id. */
function shellCommand(record: TranscriptRecord, words: string): Part[] | null {
  const call = typeof record.promptId === "string" ? { call: `!${record.promptId}` } : {}
  const input = /^<bash-input>([\s\S]*)<\/bash-input>$/.exec(words.trim())?.[1]?.trim()
  if (input !== undefined) {
    const ours = runsThisProgram(input) ? ({ bySessionRescue: true } as const) : {}
    return [{ kind: "tool_use", role: "user", tool: "Bash", text: input, command: input, ...call, ...ours }]
  }
  const output = /^<bash-stdout>([\s\S]*)<\/bash-stdout>\s*<bash-stderr>([\s\S]*)<\/bash-stderr>$/.exec(
    words.trim(),
  )
  if (output === null) return null
  const text = [output[1], output[2]].filter((each) => each !== "").join("\n")
  return [{ kind: "tool_result", role: "tool", text, ...call }]
}

function byPerson(text: string): Part {
  return { kind: "text", role: "user", text }
}

export function byClient(text: string): Part {
  return { kind: "text", role: "system", text }
}
