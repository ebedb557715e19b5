import type { ExitCode } from "../../domain/errors.ts"
import { exitCodes, isRescueError, RescueError } from "../../domain/errors.ts"
import { isAlarm } from "../../domain/listing/need.ts"
import { claudeHome, type ResumeLine } from "../../domain/session/resume.ts"
import type { FoundSession, Session } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { describeCaller } from "../../operations/kill/caller.ts"
import type { LiveSession } from "../../operations/kill/companions.ts"
import type { KillReport } from "../../operations/kill/report.ts"
import { clientCommand } from "../../operations/menu/client-command.ts"
import { goThere, type WentThere } from "../../operations/menu/go-there.ts"
import { detectAll } from "../../pipeline/detect.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import { laterLook } from "../../pipeline/fresh-context.ts"
import { DismissedAlarms } from "../../pipeline/listing/dismissed.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import { runForeground } from "../../system/process/run-foreground.ts"
import { showExport } from "../../view/export/export.ts"
import { showKill } from "../../view/kill/kill.ts"
import { showResumeLine } from "../../view/sessions/resume.ts"
import { count } from "../../view/terminal/format.ts"
import type { Prompts } from "../../view/terminal/prompts.ts"
import { askOnTerminal, endSessions, refuseToSave, saveSessions } from "../framework/acts.ts"
import type { Command, Parsed } from "../framework/command.ts"
import type { Environment } from "../framework/environment.ts"

const graceMs = 10_000

/** What an act of the list answers: a line for the list, and whether its report has to be read first. */
export interface Acted {
  readonly message: string
  readonly stop: boolean
  /** Leave the list with this code. */
  readonly exit?: number
  /** Ctrl-C was pressed: leave the list. */
  readonly interrupted?: boolean
}

/** How the list was started. */
export interface ListRun {
  readonly parsed: Parsed
  readonly signal: AbortSignal
  /** The `cx` command. */
  readonly processExports: Command["run"]
  /** An empty list is shown too: something may start. */
  readonly stay: boolean
}

/** What the list does on the real machine: reports and questions go to the normal screen. */
export class ListActions {
  readonly #parsed: Parsed
  readonly #signal: AbortSignal
  readonly #prompts: Prompts
  readonly #processExports: ListRun["processExports"]
  readonly #environment: Environment
  readonly #saved = new Set<string>()
  #ended = 0
  #worst: ExitCode = exitCodes.done
  #lastId: string | null = null

  constructor({ parsed, signal, processExports }: ListRun, prompts: Prompts, environment: Environment) {
    this.#processExports = processExports
    this.#parsed = parsed
    this.#signal = signal
    this.#prompts = prompts
    this.#environment = environment
  }

  get visit() {
    return { saved: this.#saved.size, ended: this.#ended, lastId: this.#lastId }
  }

  get worst(): ExitCode {
    return this.#worst
  }

  async save(items: readonly ListedSession[]): Promise<Acted> {
    const environment = this.#now()
    const { paths, out } = environment
    const report = await saveSessions(
      items.map(({ session }) => session),
      environment,
    )
    showExport(report, { home: paths.home, pending: paths.pending, next: false }, out)
    for (const { session, result } of report.exports) this.#keep(result, session.process !== null)
    const failed = report.failures.length > 0 || report.exports.some(({ result }) => !isVerified(result))
    if (failed) this.#worst = exitCodes.failed
    const saved = report.exports.filter(({ result }) => isVerified(result)).length
    return {
      message: failed ? "not everything was saved" : `${count(saved, "session")} saved and verified`,
      stop: failed,
      interrupted: report.interrupted,
    }
  }

  /** Each is saved first; one question for all of them. */
  async end(items: readonly ListedSession[]): Promise<Acted> {
    const environment = this.#now()
    const { out, paths, ctx } = environment
    const facts = { home: paths.home, graceMs, tree: false, force: false }
    const targets = items.map(({ session }) => session as LiveSession)
    const ask = askOnTerminal(targets, facts, environment)
    const options = {
      caller: await describeCaller(ctx),
      ...{ graceMs, tree: false, dryRun: false, acceptIncomplete: false, confirm: ask.one },
      ...(targets.length > 1 ? { confirmAll: ask.all } : {}),
    }
    try {
      const { reports, interrupted } = await endSessions(targets, environment, options)
      showKill(reports, { ...facts, interrupted, next: false }, out)
      return { ...this.#ending(reports), interrupted: interrupted || ask.hasLeft() }
    } catch (error) {
      if (!isRescueError(error) || error.code !== "INTERRUPTED") throw error
      return { message: "nothing was ended", stop: false, interrupted: true }
    }
  }

  /** Shows the line, and starts the client here if that is wanted. */
  async resume(item: ListedSession, all: readonly FoundSession[]): Promise<Acted> {
    const { out, ctx } = this.#now()
    const { session } = item
    const line = await actPlugin<ResumeLine>("resume").act(session, { ...ctx, save: refuseToSave })
    showResumeLine(line, out, "")
    if (line.command === null || line.start === null)
      return { message: line.reason ?? line.note ?? "paste the command", stop: true }
    this.#lastId = line.id
    const reply = await this.#prompts.confirm(
      `Start ${shortId(session.id) ?? "it"} here, in this terminal?\n  A copy is saved first. Leaving the client brings you back to your shell.`,
      "Yes, start it here",
      "No, I will paste the command",
    )
    if (reply === "leave") return { message: "", stop: false, interrupted: true }
    if (typeof reply !== "object" || !reply.answer)
      return { message: `to resume it: session-rescue resume ${shortId(line.id)}`, stop: false }
    // a resume has itself destroyed damaged transcripts (public issue threads): hence the copy first
    const saved = await this.save([item])
    if (saved.stop) return { message: "it was not started: it could not be copied first", stop: true }
    return { message: "", stop: false, exit: await this.#start(session, line, all) }
  }

  async go(item: ListedSession, foreground: <T>(act: () => Promise<T>) => Promise<T>): Promise<WentThere> {
    return goThere(item, this.#environment.ctx, foreground)
  }

  async dismiss(items: readonly ListedSession[]): Promise<Acted> {
    const { ctx, paths } = this.#environment
    const alarms = items.filter(({ need }) => isAlarm(need))
    if (alarms.length === 0)
      return { message: "only the alarm of a crashed session is dismissed", stop: false }
    await DismissedAlarms.read(paths.data, ctx.files).add(
      alarms.map(({ session }) => session),
      Date.now(),
    )
    return {
      message: `${count(alarms.length, "alarm")} dismissed; new activity raises it again`,
      stop: false,
    }
  }

  /** Runs the command that processes exports. */
  async process(): Promise<Acted> {
    const flags = new Map(
      [...this.#parsed.flags].filter(([name]) => name === "data-dir" || name === "no-plugins"),
    )
    const code = await this.#processExports({ flags, names: [] }, this.#signal)
    this.#worst = this.#worst || code
    const done = code === exitCodes.done
    return { message: done ? "exports processed" : "not all exports were processed", stop: !done }
  }

  async #start(session: Session, line: ResumeLine, all: readonly FoundSession[]): Promise<number> {
    const { paths, ctx } = this.#environment
    const command = await clientCommand(session, all, ctx)
    if (command === null || line.start === null || line.id === null) {
      throw new RescueError(
        "SESSION_NOT_FOUND",
        "it was not started: its client is not on your PATH, and no session of it runs",
        `paste: ${line.command}`,
      )
    }
    const { homeVariable, homeFolder } = session.resumeWay ?? claudeHome
    const named = ctx.self.environment[homeVariable]?.replace(/\/+$/, "")
    const its = session.home === `${paths.home}/${homeFolder}` ? undefined : session.home
    const environment = named === session.home ? {} : { [homeVariable]: its }
    const given = session.resumeWay?.command.slice(1) ?? ["--resume", line.id]
    return runForeground([...command, ...given], { cwd: line.start, environment }, ctx.processes)
  }

  /** The list may be open for hours: every act looks at the machine as it is now. */
  #now(): Environment {
    const { ctx, paths } = this.#environment
    return { ...this.#environment, ctx: laterLook(ctx, paths) }
  }

  #keep({ id, path, status }: ExportReport["exports"][number]["result"], runs: boolean): void {
    if (path === null) return
    if (status === "unconfirmed" || status === "incomplete") this.#worst = exitCodes.failed
    this.#saved.add(path)
    if (!runs) this.#lastId = id
  }

  #ending(reports: readonly KillReport[]): Acted {
    for (const { outcome, exports, exportsAfter } of reports) {
      const ended = outcome === "ended" || outcome === "killed"
      for (const result of [...exports, ...exportsAfter]) this.#keep(result, !ended)
      if (ended) this.#ended++
      else if (outcome === "refused") this.#worst = this.#worst || exitCodes.refused
      else if (outcome !== "declined") this.#worst = exitCodes.failed
    }
    const ended = reports.filter(({ outcome }) => outcome === "ended" || outcome === "killed").length
    const declined = reports.every(({ outcome }) => outcome === "declined")
    if (declined) return { message: "nothing was ended", stop: false }
    const message = `${count(ended, "session")} saved and ended`
    return { message, stop: ended < reports.length || reports.some(({ survivors }) => survivors.length > 0) }
  }
}

function isVerified({ status }: ExportReport["exports"][number]["result"]): boolean {
  return status !== "unconfirmed" && status !== "incomplete"
}

/** The sessions as detection finds them now. */
export function findAll({ ctx, paths }: Environment): Promise<readonly FoundSession[]> {
  return detectAll(laterLook(ctx, paths), null)
}
