/** What a team's archive holds: its status as this machine knows it, its verification, and what was forgotten there. */
import { shortId } from "../../domain/session/session-id.ts"
import type { RemoteVerifyReport } from "../../operations/team/fetch/verify-remote.ts"
import type { ForgetReport } from "../../operations/team/forget.ts"
import type { TeamStatus } from "../../operations/team/status.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { errorDocument, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"
import { describeKept } from "./push.ts"

const margin = " ".repeat(11)

export function showTeamStatus(status: TeamStatus, home: string, out: Output): void {
  const say = (text: string) => out.print(sanitize(text))
  say(`Store      ${status.place}`)
  say(`Owner      ${status.owner}`)
  for (const project of status.projects) say(`Project    ${shortPath(project, home)} and below`)
  if (status.projects.length === 0) say("Project    none: nothing is pushed")
  say(`Encrypted  ${status.encrypted ? "yes, on this machine" : "no"}`)
  say(`Agreed     ${status.agreed ? "yes" : "no: session-rescue push asks first"}`)
  say(`Audit      ${shortPath(status.audit, home)}`)
  for (const { session, title, bytes } of status.waiting) {
    const line = {
      label: out.paint.yellow("waiting    "),
      id: shortId(session) ?? "no id",
      title,
      facts: [formatSize(bytes)],
    }
    out.print(formatSessionLine(line, out.columns))
  }
  const kept = describeKept(status.kept)
  if (kept !== "") out.print(out.paint.dim(`Not pushed: ${kept}`))
  const { pushed, waiting, forgotten } = status
  const rest = forgotten.length === 0 ? "" : ` · ${forgotten.length} forgotten there, never pushed again`
  out.print(
    out.paint.bold(
      `${count(pushed.length, "export")} pushed from here, as noted · ${waiting.length} waiting${rest}`,
    ),
  )
  out.print(status.waiting.length > 0 ? "Next: session-rescue push" : "Next: session-rescue verify --remote")
}

export function teamStatusDocument(status: TeamStatus, warnings: readonly string[]) {
  const brief = ({ session, name, title, cwd, bytes }: TeamStatus["waiting"][number]) => ({
    ...{ id: session, export: name },
    ...{ title, cwd, bytes },
  })
  const { place, owner, projects, encrypted, agreed, pushed, waiting, forgotten, kept, audit } = status
  return {
    ...{ schemaVersion, place, owner, projects, encrypted, agreed, audit },
    pushed: pushed.map(brief),
    waiting: waiting.map(brief),
    forgotten: forgotten.map(brief),
    kept,
    warnings,
  }
}

const states = { whole: "whole", listed: "listed", damaged: "DAMAGED", unread: "NOT READ" }

export function showRemoteVerify({ place, verified, interrupted }: RemoteVerifyReport, out: Output): void {
  const { paint } = out
  for (const { of, title, state, bytes, error } of verified) {
    const colour = error !== null ? paint.red : state === "whole" ? paint.green : paint.yellow
    const line = {
      label: colour(states[state].padEnd(11)),
      id: shortId(of.session) ?? "no id",
      title,
      facts: [formatSize(bytes)],
    }
    out.print(formatSessionLine(line, out.columns))
    if (error === null) continue
    out.print(`${margin}${sanitize(error.message)}`)
    out.print(`${margin}${sanitize(error.hint)}`)
  }
  const number = (wanted: string) => verified.filter(({ state }) => state === wanted).length
  const parts = [
    `${number("whole")} read back, decoded and verified`,
    `${number("listed")} listed as whole, not read`,
  ]
  const bad = (["damaged", "unread"] as const).flatMap((state) =>
    number(state) === 0 ? [] : [`${number(state)} ${states[state]}`],
  )
  out.print(paint.bold(sanitize([...parts, ...bad, place].join(" · "))))
  out.print(
    interrupted ? "Interrupted. Next: run it again for the rest" : nextAfterVerify(number, bad.length > 0),
  )
}

function nextAfterVerify(number: (state: string) => number, isBad: boolean): string {
  if (isBad)
    return "Next: find out what happened there; the copies on this machine were not touched: session-rescue verify"
  if (number("listed") > 0) return "Next: session-rescue verify --remote --all, to read all of it"
  return number("whole") > 0
    ? "Next: session-rescue team status"
    : "Nothing of yours is there. Next: session-rescue push"
}

export function remoteVerifyDocument(
  { place, verified, interrupted }: RemoteVerifyReport,
  warnings: readonly string[],
) {
  return {
    schemaVersion,
    place,
    remote: verified.map(({ of, title, state, bytes, error }) => ({
      id: of.session,
      owner: of.owner,
      export: of.name,
      title,
      state,
      bytes,
      error: error === null ? null : errorDocument(error).error,
    })),
    interrupted,
    warnings,
  }
}

export function showForget(report: ForgetReport, out: Output): void {
  const { paint } = out
  const { session, dryRun, removed, left, place } = report
  for (const { name, error } of left) {
    out.print(paint.red(`still there  ${sanitize(name)}`))
    out.print(`             ${sanitize(error.message)}`)
  }
  const what = `${count(removed.length, "object")} of ${shortId(session)}${dryRun ? " would be" : ""} removed`
  const tombstone = dryRun
    ? "a tombstone would keep machines from pushing it again"
    : "a tombstone keeps machines from pushing it again"
  out.print(paint.bold(sanitize(`${what} · ${tombstone} · ${place}`)))
  if (report.indexed !== null)
    out.print(`${count(report.indexed, "part")} removed from the team's index, never to be sent again`)
  if (left.length > 0)
    out.print(
      `${count(left.length, "object")} still there: a lock, or a right that is missing; ask who owns the store`,
    )
  out.print(
    `Copies on this and other machines stay. Next: ${dryRun ? `session-rescue forget ${shortId(session)}` : "session-rescue team status"}`,
  )
}

export function forgetDocument(report: ForgetReport, warnings: readonly string[]) {
  const { place, session, dryRun, removed, left, tombstone, indexed } = report
  return {
    schemaVersion,
    ...{ place, id: session, dryRun, removed, tombstone, indexed },
    left: left.map(({ name, error }) => ({ name, ...errorDocument(error).error })),
    warnings,
  }
}
