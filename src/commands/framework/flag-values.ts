import { resolve } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { parseTimestamp } from "../../domain/timestamp.ts"
import type { Parsed } from "./command.ts"
import { stringFlag } from "./environment.ts"

/** A point in time; `end` resolves a whole day to its last moment. */
export function timeFlag(parsed: Parsed, flag: string, now: number, end: boolean): number | null {
  const typed = stringFlag(parsed, flag)
  if (typed === null) return null
  const at = parseTimestamp(typed, now, end)
  if (at !== null) return at
  throw usageError(
    `invalid time for --${flag}: "${typed}"`,
    "use a value such as 2026-11-22, 2026-11-22T14:30, today, yesterday, 90m, 3d or 2w",
  )
}

export function wholeNumberFlag(parsed: Parsed, flag: string, least: number): number | null {
  const typed = stringFlag(parsed, flag)
  if (typed === null) return null
  const number = /^\d{1,9}$/.test(typed) ? Number(typed) : Number.NaN
  if (number >= least) return number
  throw usageError(
    `invalid number for --${flag}: "${typed}"`,
    `use a number of at least ${least}, such as --${flag} 20`,
  )
}

export function usageError(message: string, hint: string): RescueError {
  return new RescueError("USAGE", message, hint)
}

/** A folder as it was typed, made absolute; null when none was. */
export function folderFlag(typed: string | null): string | null {
  return typed === null ? null : resolve(typed.replace(/^~(?=\/|$)/, process.env.HOME ?? "~"))
}
