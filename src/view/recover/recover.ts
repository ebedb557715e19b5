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
  const { id, title, remnants, inPlace, messages, texts, missing } = report
  const facts = [count(messages, "message"), ...(texts > 0 ? [`${texts} by their words only`] : [])]
  const label = labelOf(report, dryRun, out)
  out.print(formatSessionLine({ label, id: shortId(id), title, facts }, out.columns))
  for (const { kind, path, gave } of remnants) {
    const isFile = kind !== path // others are known by their words only
    const unit = sideKinds.has(kind) ? "file" : isFile ? "record" : "message"
    const what = gave === 0 ? "nothing more" : count(gave, unit)
    out.print(`${margin}${what} from ${kind}${isFile ? ` ${sanitize(shortPath(path, home))}` : ""}`)
  }
  if (inPlace.length > 0) out.print(`${margin}${count(inPlace.length, "other file")} of it still in its home`)
  for (const each of missing) out.print(out.paint.yellow(`${margin}missing: ${sanitize(each)}`))
  showResult(report, home, out)
}

function labelOf({ loss, confirmed }: RecoverReport, dryRun: boolean, { paint }: SystemOutput): string {
  if (loss.kind === "nothing") return paint.green("whole     ")
  if (loss.kind === "saved") return paint.yellow(loss.knownUntil === null ? "saved     " : "PARTIAL   ")
  return paint.yellow(dryRun ? "dry run   " : confirmed ? "PARTIAL   " : "UNSURE    ")
}

function showResult({ id, loss, saved, remnants }: RecoverReport, home: string, out: SystemOutput): void {
  const isInPlace = remnants.some(({ kind }) => kind === "transcript")
  const replace = isInPlace ? " --force   (saves what is there first, then replaces it)" : ""
  if (loss.kind === "nothing") {
    out.print(`${margin}nothing is lost: its transcript is in place, and nothing else knows of more`)
    out.print(`Nothing was written. Next: session-rescue export ${shortId(id)}`)
  } else if (loss.kind === "saved") {
    const end = loss.knownUntil === null ? ": it is not partial" : "; nothing was written"
    out.print(`${margin}this export holds all that survives${end}`)
    out.exact(`Next: session-rescue restore ${sanitize(singleQuote(loss.export))}${replace}`)
  } else if (saved === null) out.print(`Nothing was written. Next: session-rescue recover ${shortId(id)}`)
  else {
    const path = sanitize(shortPath(saved.path, home))
    out.print(`${margin}kept as ${path}; nothing in the client's home was changed`)
    out.exact(`Next: session-rescue restore ${sanitize(singleQuote(saved.path))}${replace}`)
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
    sessions: reports.map(({ saved, remnants, inPlace, missing, id, loss, ...report }) => ({
      id: String(id),
      ...report,
      lost: loss.kind !== "nothing",
      partial: loss.kind === "pieces" || (loss.kind === "saved" && loss.knownUntil !== null),
      whole: loss.kind === "saved" ? loss.export : null,
      knownUntil: loss.kind === "saved" ? loss.knownUntil : null,
      remnants: remnants.map((each) => ({ ...each })),
      inPlace: [...inPlace],
      missing: [...missing],
      path: saved?.path ?? null,
      manifest: saved?.manifestPath ?? null,
    })),
    warnings,
  }
}
