import { shortId } from "../../domain/session/session-id.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import type { RecoverReport } from "../../operations/recover/recover.ts"
import { count, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

const sideKinds = new Set(["subagents", "tool results", "file history", "tasks", "other files"])
const margin = " ".repeat(10)

/** What survives of a session, and what was made from it. */
export function showRecover(report: RecoverReport, home: string, dryRun: boolean, out: SystemOutput): void {
  const { id, title, remnants, inPlace, messages, texts, missing, whole, saved, confirmed } = report
  const short = (path: string) => sanitize(shortPath(path, home))
  const word = whole !== null ? "saved     " : dryRun ? "dry run   " : confirmed ? "PARTIAL   " : "UNSURE    "
  const facts = [count(messages, "message"), ...(texts > 0 ? [`${texts} by their words only`] : [])]
  out.print(formatSessionLine({ label: out.paint.yellow(word), id: shortId(id), title, facts }, out.columns))
  for (const { kind, path, gave } of remnants) {
    const isFile = kind !== path // others are known by their words only
    const unit = sideKinds.has(kind) ? "file" : isFile ? "record" : "message"
    const what = gave === 0 ? "nothing more" : count(gave, unit)
    out.print(`${margin}${what} from ${kind}${isFile ? ` ${short(path)}` : ""}`)
  }
  if (inPlace.length > 0) out.print(`${margin}${count(inPlace.length, "other file")} of it still in its home`)
  for (const each of missing) out.print(out.paint.yellow(`${margin}missing: ${sanitize(each)}`))
  if (whole !== null) {
    out.print(`${margin}this export holds all that survives: it is not partial`)
    out.exact(`Next: session-rescue restore ${sanitize(singleQuote(whole))}`)
  } else if (saved === null) out.print(`Nothing was written. Next: session-rescue recover ${shortId(id)}`)
  else {
    out.print(`${margin}kept as ${short(saved.path)}; nothing in the client's home was changed`)
    out.exact(`Next: session-rescue restore ${sanitize(singleQuote(saved.path))}`)
  }
}

export function recoverDocument(
  reports: readonly RecoverReport[],
  dryRun: boolean,
  warnings: readonly string[],
) {
  return {
    schemaVersion,
    dryRun,
    sessions: reports.map(({ saved, remnants, inPlace, missing, id, ...report }) => ({
      id: String(id),
      ...report,
      partial: report.whole === null,
      remnants: remnants.map((each) => ({ ...each })),
      inPlace: [...inPlace],
      missing: [...missing],
      path: saved?.path ?? null,
      manifest: saved?.manifestPath ?? null,
    })),
    warnings,
  }
}
