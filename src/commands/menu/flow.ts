import { type ExitCode, exitCodes } from "../../domain/errors.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"
import { sessionKey } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { KillReport } from "../../operations/kill/report.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { MenuPick, MenuQuestions } from "../../view/menu/menu.ts"
import type { MenuAction } from "../../view/menu/menu-actions.ts"
import type { MenuView } from "../../view/menu/menu-box.ts"
import type { VisitSummary } from "../../view/menu/menu-summary.ts"
import type { Reply } from "../../view/terminal/prompts.ts"

/** What the menu can do, and have shown; a test brings its own. */
export interface MenuBackend {
  scan(): Promise<MenuView>
  /** The same session as it is now; null when neither its process nor its transcript is there any more. */
  refresh(session: ClassifiedSession): Promise<ClassifiedSession | null>
  save(sessions: readonly ClassifiedSession[]): Promise<ExportReport>
  /** `leave`: the answer was Ctrl-C, or it was pressed in the meantime; without a report nothing was done. */
  end(session: ClassifiedSession): Promise<{ report: KillReport | null; leave: boolean }>
  resumeLine(session: ClassifiedSession): Promise<ResumeLine>
  /** Runs the client in this terminal until it ends; its exit code. */
  start(session: ClassifiedSession, line: ResumeLine): Promise<number>
  /** null where there is nothing to process exports with. */
  readonly process: (() => Promise<ExitCode>) | null
  showBox(view: MenuView): void
  showWhy(session: ClassifiedSession): void
  showLine(line: ResumeLine): void
  showMessage(words: string): void
  showSummary(tally: VisitSummary): void
}

type VisitStep = "on" | "back" | "leave" | { readonly exit: number }

/** See, choose, act, until the person leaves. Answers the exit code: the worst of what happened, 130 after Ctrl-C. */
export async function runMenu(prompts: MenuQuestions, actions: MenuBackend): Promise<number> {
  const visit = new MenuVisit(prompts, actions)
  let shown: string | null = null
  for (;;) {
    const view = await actions.scan()
    const states = view.sessions.map((session) => `${sessionKey(session)} ${session.state}`).join("\n")
    if (states !== shown) actions.showBox(view) // the list says it all; what was just done stays in sight
    shown = states
    if (view.sessions.length === 0) return exitCodes.done
    const reply = await prompts.pick(view)
    if (reply === "leave") return visit.leave("Ctrl-C")
    if (reply === "back" || reply.answer.includes("leave")) return visit.leave("by choice")
    const went = await visit.round(reply.answer, view)
    if (went === "leave") return visit.leave("Ctrl-C")
    if (typeof went === "object") return went.exit
  }
}

class MenuVisit {
  readonly #prompts: MenuQuestions
  readonly #actions: MenuBackend
  readonly #saved = new Set<string>()
  #unprocessed = 0
  #ended = 0
  #worst: ExitCode = exitCodes.done
  #lastId: string | null = null

  constructor(prompts: MenuQuestions, actions: MenuBackend) {
    this.#prompts = prompts
    this.#actions = actions
  }

  leave(left: VisitSummary["left"]): number {
    this.#actions.showSummary({ saved: this.#saved.size, ended: this.#ended, left, lastId: this.#lastId })
    return left === "Ctrl-C" ? exitCodes.interrupted : this.#worst
  }

  /** One choice in the list, and all that follows from it. */
  async round(picked: readonly MenuPick[], view: MenuView): Promise<VisitStep> {
    const went = await this.#act(picked, view)
    return went === "leave" || typeof went === "object" ? went : this.#offerProcessing()
  }

  async #act(picked: readonly MenuPick[], view: MenuView): Promise<VisitStep> {
    if (picked.includes("export all")) return this.#save(view.sessions)
    const sessions = picked.flatMap((index) =>
      typeof index === "number" ? (view.sessions[index] ?? []) : [],
    )
    if (sessions.length > 1) {
      const reply = await this.#prompts.together(sessions.length)
      if (reply === "back" || reply === "leave") return reply
      if (reply.answer === "export") return this.#save(sessions)
    }
    for (const session of sessions) {
      const went = await this.#one(session)
      if (went !== "on") return went
    }
    return "on"
  }

  /** One session, until it is done with. */
  async #one(first: ClassifiedSession): Promise<VisitStep> {
    const done = new Set<MenuAction>()
    let session = first
    for (;;) {
      const before = await this.#see(session)
      if (before === null) return "on"
      const reply = await this.#prompts.act(before, done)
      if (reply === "back" || reply === "leave") return reply
      if (reply.answer === "skip") return "on"
      const now = await this.#see(before) // it may have ended while the question stood
      if (now === null) return "on"
      session = now
      const went = await this.#do(reply.answer, session)
      if (went !== "on") return went
      done.add(reply.answer)
      if (reply.answer === "kill" && this.#endedByUs.has(shortName(session))) done.add("export")
    }
  }

  /** The session as it is now; what has changed is said. */
  async #see(known: ClassifiedSession): Promise<ClassifiedSession | null> {
    const now = await this.#actions.refresh(known)
    const name = shortName(known)
    if (now === null)
      this.#actions.showMessage(`${name} has exited in the meantime and left nothing on disk.`)
    else if (known.process !== null && now.process === null && !this.#endedByUs.has(name))
      this.#actions.showMessage(`${name} has exited in the meantime: it is ${now.state} now (${now.detail}).`)
    return now
  }
  readonly #endedByUs = new Set<string>()

  async #do(action: MenuAction, session: ClassifiedSession): Promise<VisitStep> {
    if (action === "export") return this.#save([session])
    if (action === "kill") return this.#end(session)
    if (action === "resume") return this.#resume(session)
    this.#actions.showWhy(session)
    return "on"
  }

  async #save(sessions: readonly ClassifiedSession[]): Promise<VisitStep> {
    const report = await this.#actions.save(sessions)
    for (const { session, result } of report.exports) this.#keep(result, session.process !== null)
    if (report.failures.length > 0) this.#worst = exitCodes.failed
    return report.interrupted ? "leave" : "on"
  }

  /** What still runs is not resumed. */
  #keep({ id, path, status }: ExportReport["exports"][number]["result"], runs: boolean): void {
    if (path === null) return
    if (status === "unconfirmed" || status === "incomplete") this.#worst = exitCodes.failed
    if (!this.#saved.has(path)) this.#unprocessed++
    this.#saved.add(path)
    if (!runs) this.#lastId = id
  }

  async #end(session: ClassifiedSession): Promise<VisitStep> {
    const { report, leave } = await this.#actions.end(session)
    if (report === null) return "leave"
    const ended = report.outcome === "ended" || report.outcome === "killed"
    for (const result of [...report.exports, ...report.exportsAfter]) this.#keep(result, !ended)
    if (ended) {
      this.#ended++
      this.#endedByUs.add(shortName(session))
    } else if (report.outcome === "refused") this.#worst = this.#worst || exitCodes.refused
    else if (report.outcome !== "declined") this.#worst = exitCodes.failed
    return leave ? "leave" : "on"
  }

  async #resume(session: ClassifiedSession): Promise<VisitStep> {
    const line = await this.#actions.resumeLine(session)
    this.#actions.showLine(line)
    if (line.command === null) return "on"
    if (line.start === null) return "on" // it has to be pasted: its folder is made first, or it is no start
    this.#lastId = line.id
    const reply = await this.#prompts.start(session)
    if (reply === "leave") return "leave"
    if (!isYes(reply)) return "on"
    // a resume has itself destroyed damaged transcripts (public issue threads): hence the copy first
    const failed = this.#worst
    this.#worst = exitCodes.done
    const went = await this.#save([session])
    if (went !== "on") return went
    if (this.#worst !== exitCodes.done) {
      this.#actions.showMessage("It was not started: it could not be copied first.")
      return "on"
    }
    this.#worst = failed
    return { exit: await this.#actions.start(session, line) }
  }

  async #offerProcessing(): Promise<VisitStep> {
    const { process } = this.#actions
    if (process === null || this.#unprocessed === 0) return "on"
    const reply = await this.#prompts.process(this.#unprocessed)
    this.#unprocessed = 0
    if (reply === "leave") return "leave"
    if (!isYes(reply)) return "on"
    const code = await process()
    if (code === exitCodes.interrupted) return "leave"
    this.#worst = this.#worst || code
    return "on"
  }
}

function shortName({ id, process }: ClassifiedSession): string {
  return shortId(id) ?? `pid ${process?.pid}`
}

function isYes(reply: Reply<boolean>): boolean {
  return typeof reply === "object" && reply.answer
}
