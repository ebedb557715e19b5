import type { TranscriptRecord } from "session-rescue"
import { isMessage, textOf } from "./records.ts"

/** The client's own title, else its summary, else the user's first input; one line. */
export function readTitle(
  head: readonly TranscriptRecord[],
  tail: readonly TranscriptRecord[],
): string | null {
  const named = (type: string, key: string) => lastNamed(tail, type, key) ?? lastNamed(head, type, key)
  return (
    named("custom-title", "customTitle") ??
    named("agent-name", "agentName") ??
    named("ai-title", "aiTitle") ??
    summaryIn([...head, ...tail]) ??
    firstPrompt(head)
  )
}

function lastNamed(records: readonly TranscriptRecord[], type: string, key: string): string | null {
  return toLine(records.findLast((record) => record.type === type)?.[key])
}

/**
 * Older clients also write summaries of other conversations into a file; each refers to a message of its own
 * conversation.
 */
function summaryIn(records: readonly TranscriptRecord[]): string | null {
  const summaries = records.filter(({ type }) => type === "summary")
  if (summaries.length === 0) return null
  const known = new Set(records.map(({ uuid }) => uuid))
  const own = summaries.findLast(({ leafUuid }) => typeof leafUuid !== "string" || known.has(leafUuid))
  return toLine(own?.summary)
}

export function firstPrompt(head: readonly TranscriptRecord[]): string | null {
  for (const record of head) {
    if (record.type !== "user" || !isMessage(record) || record.isMeta === true) continue
    const text = textOf(record)
    const command =
      /^(?:<command-message>[^<]*<\/command-message>\s*)?<command-name>([^<]+)<\/command-name>/.exec(text)
    if (command !== null) {
      if (command[1] !== "/clear") return toLine(command[1])
    } else if (text !== "" && !/^(<[a-z-]+>|Caveat: |\[Request interrupted)/.test(text)) return toLine(text)
  }
  return null
}

const maxTitleLength = 200

export function toLine(value: unknown): string | null {
  if (typeof value !== "string") return null
  const single = value
    .slice(0, 4 * maxTitleLength)
    .replace(/\s+/g, " ")
    .trim()
  if (single.length <= maxTitleLength) return single === "" ? null : single
  return [...single].slice(0, maxTitleLength).join("")
}
