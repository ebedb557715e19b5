import { isRescueError, RescueError } from "../../domain/errors.ts"
import { sameProcess } from "../../domain/session/pid.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"
import { type FoundSession, sessionKey } from "../../domain/session/session.ts"
import { describeCaller } from "../../operations/kill/caller.ts"
import type { LiveSession } from "../../operations/kill/companions.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import { scanAll, scanRelevant } from "../../pipeline/scan.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { findOnPath, runForeground } from "../../system/process/run-foreground.ts"
import { showExport } from "../../view/export/export.ts"
import { askToKill, showKill } from "../../view/kill/kill.ts"
import { showMenuBox } from "../../view/menu/menu-box.ts"
import { mostUrgentFirst, showVisitSummary } from "../../view/menu/menu-summary.ts"
import { showResumeLine } from "../../view/sessions/resume.ts"
import { showEvidence, showStatus } from "../../view/sessions/status.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import type { Prompts } from "../../view/terminal/prompts.ts"
import { sanitize } from "../../view/terminal/sanitize.ts"
import { saveSessions } from "../export.ts"
import type { Parsed } from "../framework/command.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"
import { endSessions } from "../kill.ts"
import { refuseToSave } from "../resume.ts"
import type { MenuBackend } from "./flow.ts"

const graceMs = 10_000

/** The menu's work on the real machine. It may stand open for hours, so each look is a new one. */
export async function openMenuDesk(
  parsed: Parsed,
  signal: AbortSignal,
  prompts: Prompts,
): Promise<MenuBackend> {
  let now = await openEnvironment(parsed, signal)
  const { out, paths } = now
  const home = paths.home
  const said = new Set<string>()
  const dealtWith = new Set<string>() // stays listed in this visit, also once it is archived
  const remember = (sessions: readonly FoundSession[]) => {
    for (const session of sessions) dealtWith.add(sessionKey(session))
  }
  const look = async () => {
    now = await openEnvironment(parsed, signal)
    return detectAll(now.ctx, null)
  }
  const warn = ({ warnings }: Environment) => {
    const fresh = warnings.filter((warning) => !said.has(warning))
    for (const warning of fresh) said.add(warning)
    showWarnings(fresh, out)
  }
  return {
    async scan() {
      const found = await look()
      const all = parsed.flags.has("all")
      const survey = await (all ? scanAll : scanRelevant)(found, now.ctx)
      const listed = new Set(survey.sessions.map(sessionKey))
      const missing = found.filter((each) => dealtWith.has(sessionKey(each)) && !listed.has(sessionKey(each)))
      const more = await scanAll(missing, now.ctx)
      warn(now)
      return {
        sessions: mostUrgentFirst([...survey.sessions, ...more.sessions]),
        notShown: survey.notShown - missing.length,
        now: now.ctx.now,
        home,
      }
    },
    async refresh(session) {
      const found = findAgain(session, await look())
      if (found === null) return null
      return (await scanAll([found], now.ctx)).sessions[0] ?? null
    },
    async save(sessions) {
      remember(sessions)
      const report = await saveSessions(sessions, now, false)
      warn(now)
      showExport(report, { home, pending: paths.pending, next: false }, out)
      return report
    },
    async end(session) {
      remember([session])
      let leave = false
      const facts = { home, graceMs, tree: false, force: false }
      const options = {
        caller: await describeCaller(now.ctx),
        graceMs,
        tree: false,
        dryRun: false,
        acceptIncomplete: false,
      }
      try {
        const { reports } = await endSessions([session as LiveSession], now, {
          ...options,
          async confirm(question) {
            const reply = await askToKill(question, { ...facts, now: Date.now() }, prompts)
            leave = reply === "leave"
            return typeof reply === "object" && reply.answer
          },
        })
        warn(now)
        showKill(reports, { ...facts, interrupted: false, next: false }, out)
        return { report: reports[0] ?? null, leave: leave || signal.aborted }
      } catch (error) {
        if (!isRescueError(error) || error.code !== "INTERRUPTED") throw error
        out.print("Interrupted: nothing was ended.")
        return { report: null, leave: true }
      }
    },
    resumeLine: (session) => actPlugin<ResumeLine>("resume").act(session, { ...now.ctx, save: refuseToSave }),
    start: (session, line) => startHere(session, line, now),
    process: processing(parsed, signal),
    showBox(view) {
      const empty = { ...view, rejected: [], explain: false, sudoUser: now.sudoUser }
      if (view.sessions.length === 0) showStatus(empty, out)
      else showMenuBox(view, out)
    },
    showWhy: (session) => showEvidence(session, { now: now.ctx.now, home }, out),
    showLine: (line) => showResumeLine(line, out, ""),
    showMessage: (words) => out.print(out.paint.yellow(sanitize(words))),
    showSummary: (tally) => showVisitSummary(tally, out),
  }
}

/** By its process, which may have gone on in another conversation; else by its place; else by its id. */
function findAgain(session: ClassifiedSession, all: readonly FoundSession[]): FoundSession | null {
  const { process: running, id, home } = session
  const isSame = (each: FoundSession) =>
    running !== null && each.process !== null && sameProcess(each.process, running)
  return (
    all.find(isSame) ??
    all.find((each) => sessionKey(each) === sessionKey(session)) ??
    all.find((each) => id !== null && each.id === id && each.home === home) ??
    null
  )
}

async function startHere(
  session: ClassifiedSession,
  line: ResumeLine,
  { paths, ctx }: Environment,
): Promise<number> {
  const program = findOnPath("claude")
  if (program === null || line.start === null || line.id === null) {
    throw new RescueError(
      "SESSION_NOT_FOUND",
      "there is no claude on your PATH, so it was not started",
      `put it on your PATH, then paste: ${line.command}`,
    )
  }
  const named = ctx.self.environment.CLAUDE_CONFIG_DIR?.replace(/\/+$/, "")
  const its = session.home === `${paths.home}/.claude` ? undefined : session.home
  const environment = named === session.home ? {} : { CLAUDE_CONFIG_DIR: its }
  return runForeground([program, "--resume", line.id], { cwd: line.start, environment }, ctx.processes)
}

/** What the cx command does. */
function processing(parsed: Parsed, signal: AbortSignal): MenuBackend["process"] {
  const flags = new Map([...parsed.flags].filter(([name]) => name === "data-dir" || name === "no-plugins"))
  return async () => (await import("../cx.ts")).default.run({ flags, names: [] }, signal)
}
