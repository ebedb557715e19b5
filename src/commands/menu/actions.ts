import { isRescueError, RescueError } from "../../domain/errors.ts"
import { sameProcess } from "../../domain/session/pid.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"
import { type FoundSession, sessionKey } from "../../domain/session/session.ts"
import { describeCaller } from "../../operations/kill/caller.ts"
import type { LiveSession } from "../../operations/kill/companions.ts"
import type { KillReport } from "../../operations/kill/report.ts"
import type { KillQuestion } from "../../operations/kill/save-then-terminate.ts"
import { detectAll } from "../../pipeline/detect.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import { scanAll, scanRelevant } from "../../pipeline/scan.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { findOnPath, runForeground } from "../../system/process/run-foreground.ts"
import { showExport } from "../../view/export/export.ts"
import { askToKill, showKill } from "../../view/kill/kill.ts"
import { type MenuView, showMenuBox } from "../../view/menu/menu-box.ts"
import { mostUrgentFirst, showVisitSummary, type VisitSummary } from "../../view/menu/menu-summary.ts"
import { showResumeLine } from "../../view/sessions/resume.ts"
import { showEvidence, showStatus } from "../../view/sessions/status.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import type { SystemOutput } from "../../view/terminal/output.ts"
import type { Prompts } from "../../view/terminal/prompts.ts"
import { sanitize } from "../../view/terminal/sanitize.ts"
import { saveSessions } from "../export.ts"
import type { Parsed } from "../framework/command.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"
import { endSessions } from "../kill.ts"
import { refuseToSave } from "../resume.ts"
import type { MenuBackend } from "./flow.ts"

const graceMs = 10_000

/** What the menu does on the real machine. The menu may be open for hours: every scan opens a new environment. */
export class MenuActions implements MenuBackend {
  static async open(parsed: Parsed, signal: AbortSignal, prompts: Prompts): Promise<MenuActions> {
    return new MenuActions(parsed, signal, prompts, await openEnvironment(parsed, signal))
  }

  readonly process: MenuBackend["process"]
  readonly #parsed: Parsed
  readonly #signal: AbortSignal
  readonly #prompts: Prompts
  readonly #out: SystemOutput
  readonly #paths: Paths
  readonly #shownWarnings = new Set<string>()
  /** Sessions this visit has saved or ended: they stay listed, even once they are archived. */
  readonly #handled = new Set<string>()
  #environment: Environment

  private constructor(parsed: Parsed, signal: AbortSignal, prompts: Prompts, environment: Environment) {
    this.#parsed = parsed
    this.#signal = signal
    this.#prompts = prompts
    this.#out = environment.out
    this.#paths = environment.paths
    this.#environment = environment
    this.process = processExports(parsed, signal)
  }

  async scan(): Promise<MenuView> {
    const found = await this.#detect()
    const { ctx } = this.#environment
    const all = this.#parsed.flags.has("all")
    const survey = await (all ? scanAll : scanRelevant)(found, ctx)
    const listed = new Set(survey.sessions.map(sessionKey))
    const missing = found.filter(
      (each) => this.#handled.has(sessionKey(each)) && !listed.has(sessionKey(each)),
    )
    const more = await scanAll(missing, ctx)
    this.#showNewWarnings()
    return {
      sessions: mostUrgentFirst([...survey.sessions, ...more.sessions]),
      notShown: survey.notShown - missing.length,
      now: ctx.now,
      home: this.#paths.home,
    }
  }

  async refresh(session: ClassifiedSession): Promise<ClassifiedSession | null> {
    const found = findAgain(session, await this.#detect())
    if (found === null) return null
    return (await scanAll([found], this.#environment.ctx)).sessions[0] ?? null
  }

  async save(sessions: readonly ClassifiedSession[]): Promise<ExportReport> {
    this.#remember(sessions)
    const report = await saveSessions(sessions, this.#environment, false)
    this.#showNewWarnings()
    const { home, pending } = this.#paths
    showExport(report, { home, pending, next: false }, this.#out)
    return report
  }

  async end(session: ClassifiedSession): Promise<{ report: KillReport | null; leave: boolean }> {
    this.#remember([session])
    let leave = false
    const facts = { home: this.#paths.home, graceMs, tree: false, force: false }
    const options = {
      caller: await describeCaller(this.#environment.ctx),
      graceMs,
      tree: false,
      dryRun: false,
      acceptIncomplete: false,
      confirm: async (question: KillQuestion) => {
        const reply = await askToKill(question, { ...facts, now: Date.now() }, this.#prompts)
        leave = reply === "leave"
        return typeof reply === "object" && reply.answer
      },
    }
    try {
      const { reports } = await endSessions([session as LiveSession], this.#environment, options)
      this.#showNewWarnings()
      showKill(reports, { ...facts, interrupted: false, next: false }, this.#out)
      return { report: reports[0] ?? null, leave: leave || this.#signal.aborted }
    } catch (error) {
      if (!isRescueError(error) || error.code !== "INTERRUPTED") throw error
      this.#out.print("Interrupted: nothing was ended.")
      return { report: null, leave: true }
    }
  }

  resumeLine(session: ClassifiedSession): Promise<ResumeLine> {
    const context = { ...this.#environment.ctx, save: refuseToSave }
    return actPlugin<ResumeLine>("resume").act(session, context)
  }

  start(session: ClassifiedSession, line: ResumeLine): Promise<number> {
    return startHere(session, line, this.#environment)
  }

  showBox(view: MenuView): void {
    const { sudoUser } = this.#environment
    if (view.sessions.length === 0) showStatus({ ...view, rejected: [], explain: false, sudoUser }, this.#out)
    else showMenuBox(view, this.#out)
  }

  showWhy(session: ClassifiedSession): void {
    showEvidence(session, { now: this.#environment.ctx.now, home: this.#paths.home }, this.#out)
  }

  showLine(line: ResumeLine): void {
    showResumeLine(line, this.#out, "")
  }

  showMessage(words: string): void {
    this.#out.print(this.#out.paint.yellow(sanitize(words)))
  }

  showSummary(tally: VisitSummary): void {
    showVisitSummary(tally, this.#out)
  }

  async #detect(): Promise<readonly FoundSession[]> {
    this.#environment = await openEnvironment(this.#parsed, this.#signal)
    return detectAll(this.#environment.ctx, null)
  }

  #remember(sessions: readonly FoundSession[]): void {
    for (const session of sessions) this.#handled.add(sessionKey(session))
  }

  #showNewWarnings(): void {
    const fresh = this.#environment.warnings.filter((warning) => !this.#shownWarnings.has(warning))
    for (const warning of fresh) this.#shownWarnings.add(warning)
    showWarnings(fresh, this.#out)
  }
}

/** The same process first (it may have switched to another conversation), then the same key, then the same id. */
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
      "it was not started: claude is not on your PATH",
      `add claude to your PATH, then paste: ${line.command}`,
    )
  }
  const named = ctx.self.environment.CLAUDE_CONFIG_DIR?.replace(/\/+$/, "")
  const its = session.home === `${paths.home}/.claude` ? undefined : session.home
  const environment = named === session.home ? {} : { CLAUDE_CONFIG_DIR: its }
  return runForeground([program, "--resume", line.id], { cwd: line.start, environment }, ctx.processes)
}

/** Runs the cx command. */
function processExports(parsed: Parsed, signal: AbortSignal): MenuBackend["process"] {
  const flags = new Map([...parsed.flags].filter(([name]) => name === "data-dir" || name === "no-plugins"))
  return async () => (await import("../cx.ts")).default.run({ flags, names: [] }, signal)
}
