/** Messages and parts, from rows and from the files of versions before 1.2. */
import { type Fields, fieldsOf, textIn } from "session-rescue"

/** The JSON of a column; an empty object where it is not valid. */
export function parseData(data: unknown): Fields {
  if (typeof data !== "string") return fieldsOf(data)
  try {
    return fieldsOf(JSON.parse(data))
  } catch {
    return {}
  }
}

/** The command of a call of a shell tool, or what else says in one line what a call is about. */
export function summaryOf(input: unknown): string | null {
  const { command, filePath, pattern, description, url } = fieldsOf(input)
  const line = textIn(command) ?? textIn(filePath) ?? textIn(pattern) ?? textIn(url) ?? textIn(description)
  return line === null ? null : line.replace(/\s+/g, " ").trim().slice(0, 200)
}

export interface Message {
  readonly id: string
  readonly at: number | null
  readonly data: Fields
}

export interface MessagePart {
  readonly at: number | null
  readonly data: Fields
}
