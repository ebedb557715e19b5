import { isUnsound, type VerifiedState } from "../../domain/export/verified-state.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { VerifiedEntry, VerifyReport } from "../../operations/exports/verify.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

const margin = 11

export interface VerifyFacts {
  readonly home: string
  /** How many there were to verify. */
  readonly of: number
  readonly md5: boolean
  /** The path of each export, too. */
  readonly verbose?: boolean
}

export function showVerify({ verified, interrupted }: VerifyReport, facts: VerifyFacts, out: Output): void {
  const { paint } = out
  for (const each of verified) {
    const { entry, state, bytes, files } = each
    const colour = isUnsound(each) ? paint.red : state === "whole" ? paint.green : paint.yellow
    const line = {
      label: colour(pad(stateLabels[state], margin)),
      id: shortId(entry.id) ?? "no id",
      title: entry.kind === "export" ? entry.saved.manifest.session.title : null,
      facts: [entry.place, ...(files === 0 ? [] : [`${formatSize(bytes)} in ${count(files, "file")}`])],
    }
    out.print(formatSessionLine(line, out.columns))
    if (stateRemarks[state] !== "") out.print(" ".repeat(margin) + stateRemarks[state])
    if (facts.verbose || state !== "whole")
      out.print(paint.dim(" ".repeat(margin) + sanitize(shortPath(entry.path, facts.home))))
    for (const { path, kind, message } of each.problems) {
      const line = `${" ".repeat(margin)}! ${kind}: ${sanitize(shortPath(path, facts.home))}: ${sanitize(message)}`
      out.print(kind === "foreign" ? paint.yellow(line) : paint.red(line))
    }
    for (const { path, sha256, md5 } of each.sums) {
      const say = (sum: string) => out.print(paint.dim(`${" ".repeat(margin)}${sum}  ${sanitize(path)}`))
      if (facts.verbose) say(`sha256 ${sha256}`)
      if (facts.md5) say(`md5 ${md5 ?? "unknown"}`)
    }
  }
  out.print(paint.bold(verifySummary(verified, facts.of)))
  out.print(interrupted ? "Interrupted. Next: run it again for the rest" : verifyNextStep(verified, facts.of))
}

/** What each state is called, and what it means where that is not plain. */
const stateLabels: Record<VerifiedState, string> = {
  whole: "whole",
  moved: "moved",
  damaged: "DAMAGED",
  unreadable: "UNREADABLE",
  foreign: "foreign",
  unfinished: "unfinished",
}

const stateRemarks: Record<VerifiedState, string> = {
  whole: "",
  moved: "whole; another program took its .jsonl to the archive folder",
  damaged: "",
  unreadable: "",
  foreign: "cannot be verified: no manifest",
  unfinished: "a run is working on it or was interrupted: its bytes are elsewhere",
}

function verifySummary(verified: readonly VerifiedEntry[], of: number): string {
  const number = (state: VerifiedState) => verified.filter((each) => each.state === state).length
  const good = number("whole") + number("moved")
  const rest = (["damaged", "unreadable", "foreign", "unfinished"] as const).flatMap((state) =>
    number(state) === 0 ? [] : [`${number(state)} ${stateLabels[state]}`],
  )
  if (of === 0) return "Nothing has been exported yet."
  const left = of - verified.length
  const parts = [`${count(good, "export")} read again and verified`, ...rest]
  return [...parts, ...(left > 0 ? [`${left} not checked or removed in the meantime`] : [])].join(" · ")
}

function verifyNextStep(verified: readonly VerifiedEntry[], of: number): string {
  if (of === 0)
    return "Next: session-rescue --export   (saves what is running, crashed or about to be deleted)"
  const damaged = verified.find(isUnsound)
  if (damaged === undefined) return "Next: session-rescue list"
  const id = shortId(damaged.entry.id)
  return id === undefined
    ? "Next: inspect it yourself; nothing was changed"
    : `Next: session-rescue --export ${id}   (a new export, if the session still exists; session-rescue list ${id} shows others)`
}

export function verifyDocument({ verified, interrupted }: VerifyReport, warnings: readonly string[]) {
  return {
    schemaVersion,
    exports: verified.map(({ entry, state, problems, bytes, files, sums }) => ({
      id: entry.id,
      place: entry.place,
      state,
      path: entry.path,
      bytes,
      files,
      problems,
      sums: sums.map(({ path, sha256, md5 }) => ({ path, sha256, ...(md5 === null ? {} : { md5 }) })),
    })),
    interrupted,
    warnings,
  }
}
