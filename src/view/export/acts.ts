import { shortId } from "../../domain/session/session-id.ts"
import type { ActReport } from "../../pipeline/user-acts.ts"
import { count } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

export function showActs({ results, failures, interrupted }: ActReport, out: Output): void {
  for (const { session, result } of results)
    out.print(describeAct(session, out.paint.green("done    "), JSON.stringify(result) ?? "done"))
  for (const { session, error } of failures)
    out.print(describeAct(session, out.paint.red("FAILED  "), error.message))
  const done = `${count(results.length, "session")} done${failures.length === 0 ? "" : `, ${failures.length} failed`}`
  if (interrupted) {
    out.print(`Interrupted: ${done}, the rest not started or not finished.`)
    out.print("Next: session-rescue --status   (then run it again for the rest)")
    return
  }
  out.print(done)
  out.print(
    failures[0] === undefined ? "Next: session-rescue --status" : `Next: ${sanitize(failures[0].error.hint)}`,
  )
}

/** Not cut: what a plugin answers is the result. */
function describeAct(
  { id, process, title }: ActReport["results"][number]["session"],
  label: string,
  says: string,
): string {
  const name = shortId(id) ?? `pid ${process?.pid}`
  return formatSessionLine({ label, id: name, title, facts: [sanitize(says)] }, null)
}

export function actDocument({ results, failures, interrupted }: ActReport, warnings: readonly string[]) {
  return {
    schemaVersion,
    results: results.map(({ session, result }) => ({ id: session.id, result })),
    failures: failures.map(({ session, error: { code, message, hint } }) => ({
      id: session.id,
      code,
      message,
      hint,
    })),
    interrupted,
    warnings,
  }
}
