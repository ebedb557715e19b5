import type { UserActs } from "../pipeline/act-user.ts"
import { schemaVersion } from "./json.ts"
import type { Output } from "./output.ts"
import { plain } from "./plain.ts"
import { count } from "./words.ts"

export function showActs({ results, failures }: UserActs, out: Output): void {
  for (const { session, result } of results) {
    out.print(`${session.id ?? `pid ${session.process?.pid}`}  ${plain(JSON.stringify(result) ?? "")}`)
  }
  for (const { session, error } of failures) {
    out.print(
      `${out.paint.red("failed")}  ${session.id ?? `pid ${session.process?.pid}`}  ${plain(error.message)}`,
    )
  }
  out.print(
    `${count(results.length, "session")} done${failures.length === 0 ? "" : `, ${failures.length} failed`}`,
  )
  out.print(
    failures[0] === undefined ? "Next: session-rescue --status" : `Next: ${plain(failures[0].error.hint)}`,
  )
}

export function actDocument({ results, failures }: UserActs, warnings: readonly string[]) {
  return {
    schemaVersion,
    results: results.map(({ session, result }) => ({ id: session.id, result })),
    failures: failures.map(({ session, error: { code, message, hint } }) => ({
      id: session.id,
      code,
      message,
      hint,
    })),
    warnings,
  }
}
