import { type Fields, lineIn } from "session-rescue"
import { isByClient, isSaid, wordsIn } from "./talk.ts"

/** What the user typed first; commands of the client count only when there is nothing else. */
export function firstPrompt(messages: readonly Fields[]): string | null {
  const typed = messages.filter((each) => each.type === "user" && isSaid(each))
  const lines = typed.flatMap((each) => promptLine(each) ?? [])
  return lines.find((line) => !/^[/?]/.test(line)) ?? lines[0] ?? null
}

/** The prompt in one line; null for what a tool returned. */
export function promptLine({ content, displayContent }: Fields): string | null {
  const shown = wordsIn(displayContent)
  const text = shown === "" ? wordsIn(content) : shown
  return isByClient(text) ? null : lineIn(text)
}
