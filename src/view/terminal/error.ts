import type { RescueError } from "../../domain/errors.ts"
import { errorDocument } from "./json.ts"
import type { Output } from "./output.ts"
import { sanitize } from "./sanitize.ts"

export function showError(error: RescueError, json: boolean, out: Output): void {
  if (json) {
    out.print(JSON.stringify(errorDocument(error), null, 2))
    return
  }
  const [first = "", ...rest] = error.message.split("\n").map(sanitize) // safety: plain-error
  out.note(`${out.paint.red("session-rescue:")} ${[first, ...rest].join("\n")}`)
  out.note(`Next: ${sanitize(error.hint)}`)
}

export function showWarnings(warnings: readonly string[], out: Output): void {
  // safety: plain-warning
  for (const warning of warnings) out.note(`${out.paint.yellow("note:")} ${sanitize(warning)}`)
}
