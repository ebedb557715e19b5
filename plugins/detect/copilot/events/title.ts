import { lineIn, type TranscriptRecord, textIn } from "session-rescue"
import { dataOf, isOwn } from "./events.ts"

/** The name that was given last, by the user or from the conversation. */
export function givenTitle(events: readonly TranscriptRecord[]): string | null {
  const named = events.findLast(({ type }) => type === "session.title_changed")
  return named === undefined ? null : lineIn(dataOf(named).title)
}

/** What the user typed first. */
export function firstPrompt(events: readonly TranscriptRecord[]): string | null {
  for (const event of events) {
    const line = isTyped(event) ? lineIn(dataOf(event).content) : null
    if (line !== null) return line
  }
  return null
}

/** A message of the user that the user has typed: others come from skills, schedules or the client, and name their source. */
export function isTyped(event: TranscriptRecord): boolean {
  const source = textIn(dataOf(event).source)
  return event.type === "user.message" && isOwn(event) && (source === null || source === "user")
}
