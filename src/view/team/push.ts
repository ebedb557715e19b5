import { shortId } from "../../domain/session/session-id.ts"
import type { Candidates } from "../../operations/team/candidates.ts"
import type { PushReport, PushStatus } from "../../operations/team/push.ts"
import { count, formatSize } from "../terminal/format.ts"
import { errorDocument, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

const margin = " ".repeat(12)

const labels: Record<PushStatus, string> = {
  pushed: "pushed      ",
  there: "there       ",
  "would-push": "to push     ",
  later: "later       ",
  refused: "REFUSED     ",
  conflict: "CONFLICT    ",
  forgotten: "forgotten   ",
  failed: "FAILED      ",
}

export function showPush(report: PushReport, out: Output): void {
  const { paint } = out
  for (const { candidate, status, error } of report.exports) {
    if (status === "there" || (status === "later" && error === null)) continue
    const colour = status === "pushed" ? paint.green : error === null ? paint.yellow : paint.red
    const { session, title, bytes } = candidate
    const line = {
      label: colour(labels[status]),
      id: shortId(session) ?? "no id",
      title,
      facts: [formatSize(bytes)],
    }
    out.print(formatSessionLine(line, out.columns))
    if (error === null) continue
    out.print(`${margin}${sanitize(error.message)}`)
    out.print(`${margin}${sanitize(error.hint)}`)
  }
  const kept = describeKept(report.kept)
  if (kept !== "") out.print(paint.dim(`Not pushed: ${kept}`))
  out.print(paint.bold(summary(report)))
  out.print(nextStep(report))
}

/** Why exports stay here, in words; empty when none does. */
export function describeKept(kept: Candidates["kept"]): string {
  const words = [
    [kept.outside, "in no project of [team]"],
    [kept.excluded, "excluded in [team]"],
    [kept.private, "kept by a .session-rescue-private file"],
    [kept.pulled, "pulled from others, theirs to push"],
    [kept.pending, "not archived yet (session-rescue cx archives)"],
    [kept.unarchived, "put into the archive folder by another program"],
  ] as const
  return words.flatMap(([number, why]) => (number === 0 ? [] : [`${number} ${why}`])).join(" · ")
}

function summary({ exports, place }: PushReport): string {
  const number = (...among: PushStatus[]) => exports.filter(({ status }) => among.includes(status)).length
  const rest = (["would-push", "later", "refused", "conflict", "forgotten", "failed"] as const).flatMap(
    (status) => (number(status) === 0 ? [] : [`${number(status)} ${labels[status].trim()}`]),
  )
  const good = [`${number("pushed")} pushed and proved there`, `${number("there")} there before`]
  return sanitize([...good, ...rest, place].join(" · "))
}

function nextStep({ exports, stopped, interrupted }: PushReport): string {
  if (interrupted) return "Interrupted. Next: session-rescue push, for the rest"
  if (stopped !== null) {
    const what = stopped.code === "STORE_UNAVAILABLE" ? "Nothing is lost: " : ""
    return sanitize(`${what}${stopped.message}. Next: ${stopped.hint.replace(/^nothing is lost; /, "")}`)
  }
  if (exports.some(({ status }) => status === "would-push")) return "Next: session-rescue push"
  if (exports.some(({ error }) => error !== null)) return "Next: see the reasons above"
  return "Next: session-rescue verify --remote"
}

/** Asked before anything leaves this machine for a place, or for projects, that were not agreed to before. */
export function askToPush(
  facts: {
    readonly place: string
    readonly owner: string
    readonly projects: readonly string[]
    readonly encrypted: boolean
    readonly index?: string
    readonly exports: number
    readonly bytes: number
  },
  out: Output,
  prompts: Prompts,
): Promise<Reply<boolean>> {
  out.print(sanitize(`To: ${facts.place}, as ${facts.owner}`))
  out.print(
    sanitize(
      `What: ${count(facts.exports, "archived export")} (${formatSize(facts.bytes)} before compression)`,
    ),
  )
  for (const project of facts.projects)
    out.print(sanitize(`      every session in ${project} and below, now and in future pushes`))
  out.print(
    facts.encrypted
      ? "Encrypted on this machine: a person who reads the store sees ids, sizes and times only"
      : "NOT encrypted: everybody who may read the store reads these conversations",
  )
  if (facts.index !== undefined)
    out.print(
      sanitize(
        `Index: ${facts.index}: with cx --team, the texts of those sessions, without what looks like a secret`,
      ),
    )
  return prompts.confirm("Push them?", "Yes, push", "No, nothing leaves this machine")
}

export function pushDocument(report: PushReport, dryRun: boolean, warnings: readonly string[]) {
  const { place, owner, encrypted, exports, kept, stopped, interrupted } = report
  return {
    schemaVersion,
    dryRun,
    place,
    owner,
    encrypted,
    exports: exports.map(({ candidate, status, error }) => ({
      id: candidate.session,
      export: candidate.name,
      title: candidate.title,
      cwd: candidate.cwd,
      bytes: candidate.bytes,
      status,
      error: error === null ? null : errorDocument(error).error,
    })),
    kept,
    stopped: stopped === null ? null : errorDocument(stopped).error,
    interrupted,
    warnings,
  }
}
