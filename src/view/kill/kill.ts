import { formatDuration } from "../../domain/duration.ts"
import { type ExportResult, foldersOf, lacksFiles } from "../../domain/export/export.ts"
import { describeContinue } from "../../domain/session/live-process.ts"
import { claudeHome } from "../../domain/session/resume.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import type { LiveSession } from "../../operations/kill/companions.ts"
import type { Companion, KillReport } from "../../operations/kill/report.ts"
import type { KillQuestion } from "../../operations/kill/save-then-terminate.ts"
import type { ResolvedName } from "../../pipeline/naming/match-live.ts"
import { formatTerminal } from "../sessions/background.ts"
import { count, formatAge, formatSize, shortPath } from "../terminal/format.ts"
import { nextForReal } from "../terminal/next-step.ts"
import type { Output, SystemOutput } from "../terminal/output.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"
import { fitColumns, sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"
import { describeShared, describeTurnStop, describeViewers } from "./windows.ts"

/** For a terminal that is left in disorder: short enough to be typed where the keys are not shown. */
const resetHint = "reset   (if Enter does nothing: Ctrl-J)"

/** A longer outcome has a line of its own. */
const maxOutcomeBeside = 30

interface KillFacts {
  readonly home: string
  readonly graceMs: number
  readonly tree: boolean
  readonly force: boolean
  /** Ctrl-C: those that are not among the reports were left alone. */
  readonly interrupted: boolean
  /** The paths of what was saved, too. */
  readonly verbose?: boolean
  /** false: something else says what comes next. */
  readonly next?: boolean
}

export function showKill(reports: readonly KillReport[], facts: KillFacts, out: Output): void {
  for (const report of reports) {
    const { session, outcome } = report
    const says = describeOutcome(report, facts)
    const isShort = says.length <= maxOutcomeBeside
    const line = {
      label: paintOutcome(outcome, out),
      id: shortId(session.id) ?? "no id",
      title: session.title,
      facts: [`pid ${session.process.pid}`, formatTerminal(session), ...(isShort ? [says] : [])],
    }
    out.print(formatSessionLine(line, out.columns))
    if (!isShort) out.print(`           ${says}`)
    for (const result of report.exports) showSaved("saved", result, facts, out)
    for (const result of report.exportsAfter)
      showSaved("with what it wrote while exiting", result, facts, out)
    if (report.hint !== null) out.print(`           ${sanitize(report.hint)}`)
    for (const companion of report.companions)
      out.print(`           ${describeCompanion(outcome, companion)}`)
    for (const each of describeShared(report)) out.print(`           ${each}`)
    // safety: plain-child
    for (const child of report.survivors)
      out.print(
        `           ${describeDescendant(outcome, child, facts)} ${fitColumns(sanitize(child.command), 100)}`,
      )
    if (report.terminal === "manual") {
      out.print(`           if ${session.process.terminal} is garbled, type there: ${resetHint}`)
    }
  }
  if (facts.interrupted) out.print("Interrupted: the other sessions were not ended.")
  const folders = foldersOf(reports.flatMap(({ exports, exportsAfter }) => [...exports, ...exportsAfter]))
  if (folders.length > 0)
    out.print(`Saved in ${folders.map((folder) => sanitize(shortPath(folder, facts.home))).join(" and ")}`)
  if (facts.next !== false) out.print(nextStep(reports, facts.home, out))
}

/** A session that ran below the target, and was saved before it. */
function describeCompanion(outcome: KillReport["outcome"], { session, ended }: Companion): string {
  const title = session.title === null ? "" : `, "${fitColumns(sanitize(session.title), 60)}"` // safety: plain-companion
  const name = `session ${shortId(session.id) ?? "without an id"} (pid ${session.process.pid})${title}`
  if (outcome === "would-end") return `ends with it, and is saved first: ${name}`
  return ended ? `ended with it, saved first: ${name}` : `still running, saved first: ${name}`
}

function describeDescendant(
  outcome: KillReport["outcome"],
  { pid, kept }: KillReport["survivors"][number],
  { tree }: KillFacts,
): string {
  const left = kept === undefined ? "" : ` (${kept})`
  if (outcome !== "would-end") return `still running${left}: pid ${pid}`
  if (tree && kept === undefined) return `would end too: pid ${pid}`
  return kept === undefined ? `may end with it: pid ${pid}` : `would be left alone${left}: pid ${pid}`
}

function paintOutcome(outcome: KillReport["outcome"], { paint }: Output): string {
  const word = `${outcome.toUpperCase().padEnd(10)} `
  return outcome === "ended" || outcome === "killed" ? paint.green(word) : paint.yellow(word)
}

function describeOutcome({ outcome, reason, session, terminal }: KillReport, facts: KillFacts): string {
  const why = reason === null ? "" : sanitize(reason) // safety: plain-reason
  switch (outcome) {
    case "ended":
      return why || (session.background?.listed ? "its background service stopped it" : "it exited on TERM")
    case "killed":
      return `${why === "" ? `it did not exit within ${formatDuration(facts.graceMs)} and was killed` : `${why}: killed at once`}${terminal === "reset" ? "; its terminal was reset" : ""}`
    case "would-end":
      return `would save ${count(session.footprint.length, "file")}, verify, ${facts.force ? "" : "ask, "}${describeTermination(session, facts)}; nothing was changed`
    case "still-alive":
    case "restarted":
    case "refused":
    case "failed":
    case "declined":
      return why
  }
}

function describeTermination({ background, process }: KillReport["session"], { graceMs }: KillFacts): string {
  if (background?.listed === true)
    return `have its background service stop it (claude stop ${sanitize(background.name)})`
  const sooner = describeContinue(process) === null ? "" : ", or at once if it is stopped again"
  return `send TERM, and KILL after ${formatDuration(graceMs)}${sooner}`
}

function showSaved(label: string, result: ExportResult, facts: KillFacts, out: Output): void {
  if (result.path === null) {
    out.print("           it had nothing on disk, so nothing is lost")
    return
  }
  const place = facts.verbose ? ` in ${sanitize(shortPath(result.path, facts.home))}` : ""
  const proof = result.status === "unconfirmed" ? "NOT certain to survive a power cut" : "verified"
  const whole = lacksFiles(result) ? ", NOT whole" : ""
  out.print(`           ${label}${whole}: ${formatSize(result.bytes)}${place}, ${proof}`)
}

function nextStep(reports: readonly KillReport[], home: string, out: Output): string {
  const gone = reports.filter(({ outcome }) => outcome === "ended" || outcome === "killed")
  if (reports.some(({ outcome }) => outcome === "would-end")) return nextForReal(out)
  const survivors = reports.flatMap(({ survivors }) => survivors)
  const survivor = survivors.find(({ kept }) => kept === undefined)
  const running = reports.flatMap(({ companions }) => companions).find(({ ended }) => !ended)
  if (survivor === undefined && running !== undefined)
    return `Next: session-rescue --kill ${running.session.process.pid}   (a separate session, saved; still running)`
  if (survivor !== undefined)
    return `Next: inspect what is left: ps -p ${survivor.pid} -f   (--tree ends such processes too)`
  const saved = gone.find(({ exports, exportsAfter }) =>
    [...exports, ...exportsAfter].some(({ path }) => path !== null),
  )
  if (saved?.session.id == null) return "Next: session-rescue --status"
  return `Next: ${homePrefix(saved.session, home)}session-rescue --resume ${shortId(saved.session.id)}`
}

/** A home that only the client's environment named is not looked into any more once it is gone. */
function homePrefix({ home: its, resumeWay }: KillReport["session"], home: string): string {
  const { homeVariable, homeFolder } = resumeWay ?? claudeHome
  return its === `${home}/${homeFolder}` ? "" : sanitize(`${homeVariable}=${singleQuote(its)} `)
}

interface QuestionFacts {
  readonly home: string
  readonly graceMs: number
  readonly tree: boolean
  readonly now: number
  /** How it was named, where that was not by an id, a terminal or a pid. */
  readonly takenFor?: ResolvedName | undefined
}

/** Asked when everything is saved. No is the default; Escape, Ctrl-C and a closed terminal mean No, too. */
export function askToKill(
  { session, companions, exports, airtight }: KillQuestion,
  { home, graceMs, tree, now, takenFor }: QuestionFacts,
  prompts: Prompts,
): Promise<Reply<boolean>> {
  const { process: running, id } = session
  const continues = session.state === "HUNG" ? describeContinue(running) : null
  const lines = [
    `End ${shortId(id) ?? "the client"} (pid ${running.pid}, ${formatTerminal(session)})?`,
    ...(takenFor === undefined
      ? []
      : [`  You named it "${sanitize(takenFor.name)}": ${sanitize(takenFor.message)}.`]),
    `  It is ${session.state}: ${sanitize(session.detail)}, ${lastActive(session, now)}${quotedTitle(session)}.`,
    ...(continues === null
      ? []
      : [`  It is only suspended: ${continues} brings it back, without ending it.`]),
    ...companions.map((each) => `  This also ends ${describeEnding(each)}.`),
    ...[describeViewers([session, ...companions], false), describeTurnStop(session, companions)].flatMap(
      (each) => (each === null ? [] : [`  ${each}.`]),
    ),
    ...exports.flatMap((result) => describeSavedBytes(result, home)),
    session.background?.listed === true
      ? `  Its background service stops it (claude stop ${sanitize(session.background.name)}); what it still writes is saved too.`
      : `  It gets TERM, and KILL if it has not exited after ${formatDuration(graceMs)}${continues === null ? "" : " or is stopped again"}; what it still writes is saved too.`,
    ...(tree ? ["  The processes it started are ended too (--tree)."] : []),
    ...(airtight
      ? []
      : ["  This system cannot pin a process, only check it just before: a short race remains."]),
  ]
  return prompts.confirm(lines.join("\n"), "Yes, end it", "No")
}

/** Names what has no copy: answering yes gives it up (--accept-incomplete). */
export function describeSavedBytes(result: ExportResult, home: string): readonly string[] {
  const { path, bytes, missing = [] } = result
  if (path === null) return ["  It has nothing on disk yet, so nothing is lost."]
  const saved = `${formatSize(bytes)} in ${sanitize(shortPath(path, home))}`
  if (missing.length === 0) return [`  Saved and verified: ${saved}`]
  const names = missing
    .slice(0, maxMissingShown)
    .map((each) => `    ${sanitize(shortPath(each.path, home))}: ${sanitize(each.why)}`)
  const more =
    missing.length > maxMissingShown
      ? [`    and ${missing.length - maxMissingShown} more (session-rescue --export names all)`]
      : []
  return [`  Saved and verified, but NOT whole: ${saved}`, "  Not copied:", ...names, ...more]
}

const maxMissingShown = 5

/** A session that runs below the one asked about. */
export function describeEnding(session: LiveSession): string {
  const { id, process: running } = session
  const name = `${shortId(id) ?? "a session"} (pid ${running.pid}, ${formatTerminal(session)})`
  return `${name}: ${session.state}, ${sanitize(session.detail)}${quotedTitle(session)}`
}

export function lastActive({ lastActivity }: LiveSession, now: number): string {
  return lastActivity === null ? "no activity yet" : `last active ${formatAge(lastActivity, now)}`
}

function quotedTitle(session: LiveSession): string {
  return session.title === null ? "" : `, "${fitColumns(sanitize(session.title), 60)}"` // safety: plain-question
}

/** The seconds left until KILL, drawn over on a terminal. */
export function killCountdown(out: SystemOutput): { wait(left: number): void; end(): void } {
  let shown = -1
  return {
    wait(left) {
      const seconds = Math.ceil(left / 1000)
      if (seconds === shown) return
      shown = seconds
      out.draw(`TERM sent; KILL in ${seconds} s`)
    },
    end() {
      if (shown !== -1) out.draw("")
      shown = -1
    },
  }
}
