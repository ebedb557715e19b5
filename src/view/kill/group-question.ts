import { formatDuration } from "../../domain/duration.ts"
import { type ExportResult, lacksFiles } from "../../domain/export/export.ts"
import { describeContinue } from "../../domain/session/live-process.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { GroupQuestion } from "../../operations/kill/kill-group.ts"
import type { KillReport } from "../../operations/kill/report.ts"
import type { KillQuestion } from "../../operations/kill/save-then-terminate.ts"
import { formatTerminal } from "../sessions/background.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { describeEnding, describeSavedBytes, lastActive } from "./kill.ts"
import { describeTurnStop, describeViewers } from "./windows.ts"

interface GroupFacts {
  readonly home: string
  readonly graceMs: number
  readonly tree: boolean
  readonly now: number
}

/** One question for several sessions, each named and saved. No is the default. */
export function askToKillGroup(
  { ready, refused }: GroupQuestion,
  facts: GroupFacts,
  prompts: Prompts,
): Promise<Reply<boolean>> {
  const all = count(ready.length, "session")
  const lines = [
    `End ${all}?`,
    ...ready.flatMap((each) => describeReady(each, facts)),
    ...refused.map((each) => `  Not ended: ${describeRefused(each)}`),
    ...describeFolders(ready, facts.home),
    `  Each gets TERM (a background session is stopped by its service), and KILL if it has not exited after ${formatDuration(facts.graceMs)}; what it still writes is saved too.`,
    ...(facts.tree ? ["  The processes they started are ended too (--tree)."] : []),
    ...(ready.every(({ airtight }) => airtight)
      ? []
      : ["  This system cannot pin a process, only check it just before: a short race remains."]),
  ]
  return prompts.confirm(
    lines.join("\n"),
    ready.length === 1 ? "Yes, end it" : `Yes, end all ${ready.length}`,
    "No",
  )
}

function describeReady({ session, companions, exports }: KillQuestion, { home, now }: GroupFacts) {
  const continues = session.state === "HUNG" ? describeContinue(session.process) : null
  return [
    `  ${describeEnding(session)}, ${lastActive(session, now)}`,
    ...(continues === null
      ? []
      : [`    It is only suspended: ${continues} brings it back, without ending it.`]),
    ...companions.map((each) => `    This also ends ${describeEnding(each)}.`),
    ...[describeViewers([session, ...companions], false), describeTurnStop(session, companions)].flatMap(
      (each) => (each === null ? [] : [`    ${each}.`]),
    ),
    ...describeSaved(exports, home).map((line) => `    ${line}`),
  ]
}

/** Sizes alone, the folder is named once; but every file that has no copy. */
function describeSaved(exports: readonly ExportResult[], home: string): readonly string[] {
  const whole = exports.filter((each) => each.path !== null && !lacksFiles(each))
  const others = exports.filter((each) => !whole.includes(each))
  const bytes = whole.reduce((sum, each) => sum + each.bytes, 0)
  return [
    ...(whole.length === 0 ? [] : [`Saved and verified: ${formatSize(bytes)}`]),
    ...others.flatMap((each) => describeSavedBytes(each, home)).map((line) => line.slice(2)),
  ]
}

function describeFolders(ready: readonly KillQuestion[], home: string): readonly string[] {
  const paths = ready.flatMap(({ exports }) => exports.flatMap(({ path }) => path ?? []))
  const folders = new Set(paths.map((path) => shortPath(path.replace(/\/[^/]*$/, ""), home)))
  return folders.size === 0 ? [] : [`  The copies are in ${sanitize([...folders].join(" and "))}.`]
}

function describeRefused({ session, reason }: KillReport): string {
  return `${shortId(session.id) ?? "no id"} (pid ${session.process.pid}, ${formatTerminal(session)}): ${sanitize(reason ?? "")}` // safety: plain-refused
}

/** No running session matches: nothing was asked, and nothing was ended. */
export function showNoneToKill(typed: string, running: number, out: Output): void {
  out.print(
    running === 0
      ? "No session is running: nothing was ended."
      : `None of the ${count(running, "running session")} matches ${sanitize(typed)}: nothing was ended.`,
  )
  out.print("Next: session-rescue --status")
}
