import { type ExitCode, exitCodes } from "../../domain/errors.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"
import { readLastMessages } from "../../operations/menu/last-messages.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import { FullScreen } from "../../system/terminal/full-screen.ts"
import { type ListIntent, pressKey } from "../../view/menu/list-keys.ts"
import { listHeight, type Preview, renderHelp, renderList, renderPage } from "../../view/menu/list-screen.ts"
import { emptyList, itemKey, itemUnderCursor, type ListState, withItems } from "../../view/menu/list-state.ts"
import { showVisitSummary } from "../../view/menu/menu-summary.ts"
import { oneSessionLines } from "../../view/sessions/one-session.ts"
import { terminalLine } from "../../view/terminal/output.ts"
import { refuseToSave } from "../framework/acts.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"
import { parseNarrowing } from "../framework/narrow-flags.ts"
import { systemPrompts } from "../framework/prompts.ts"
import { type Acted, findAll, ListActions, type ListRun } from "./actions.ts"
import { withBell } from "./bell.ts"
import { LookLoop } from "./look-loop.ts"
import { reportNoSessions } from "./no-sessions.ts"

const previewCount = 8

/** The live list of sessions: `menu`, and `status --watch`. */
export async function runSessionList(run: ListRun): Promise<ExitCode> {
  const environment = await openEnvironment(run.parsed, run.signal, ["detect", "classify"])
  return (await new SessionList(run, environment).run()) as ExitCode
}

/** A number is the exit code of the client that was started instead. */
type Leaving = "by choice" | "Ctrl-C" | number

class SessionList {
  readonly #run: ListRun
  readonly #environment: Environment
  readonly #actions: ListActions
  readonly #screen: FullScreen
  readonly #looks: LookLoop
  readonly #left = Promise.withResolvers<void>()
  #how: Leaving | null = null
  #state: ListState
  #preview: Preview | null = null
  #details: readonly string[] | null = null
  #acting = false
  /** Resolves once nothing is under way: what was done is part of the summary. */
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(run: ListRun, environment: Environment) {
    const { out, ctx, paths } = environment
    this.#run = run
    this.#environment = environment
    this.#actions = new ListActions(run, systemPrompts(out, run.signal), environment)
    this.#state = emptyList({ now: ctx.now, home: paths.home })
    this.#screen = new FullScreen(terminalLine(out), {
      onKey: (key) => this.#press(key),
      onResize: () => this.#draw(),
      onGone: () => this.#leave("Ctrl-C"),
    })
    this.#looks = new LookLoop(
      environment,
      run.parsed.flags.has("all"),
      parseNarrowing(run.parsed, ctx),
      withBell(environment.config, this.#screen, (list) => {
        this.#state = withItems(this.#state, list, { now: list.now, home: paths.home })
        this.#showPreview()
      }),
      () => this.#draw(),
      (error) => this.#left.reject(error),
    )
  }

  async run(): Promise<number> {
    const { signal, stay } = this.#run
    const abort = () => this.#leave("Ctrl-C")
    signal.addEventListener("abort", abort)
    try {
      await this.#looks.look()
      if (this.#state.items.length === 0 && !stay) {
        reportNoSessions(this.#environment)
        return exitCodes.done
      }
      this.#reopen()
      this.#draw()
      await this.#left.promise
      await this.#underWay
      const left = this.#how ?? "by choice"
      this.#screen.close()
      if (typeof left === "number") return left
      showVisitSummary({ ...this.#actions.visit, left }, this.#environment.out)
      return left === "Ctrl-C" ? exitCodes.interrupted : this.#actions.worst
    } finally {
      signal.removeEventListener("abort", abort)
      this.#screen.close()
      await this.#looks.close()
    }
  }

  #press(key: Parameters<typeof pressKey>[1]): void {
    if (this.#acting) return
    const { state, intent } = pressKey(this.#state, key, listHeight(this.#screen))
    const opened = state.page === "details" && this.#state.page !== "details"
    this.#state = state
    if (opened) void this.#openDetails().catch((error) => this.#left.reject(error))
    this.#showPreview()
    this.#draw()
    if (intent !== null) this.#underWay = Promise.all([this.#underWay, this.#follow(intent)])
  }

  #draw(): void {
    const { paint } = this.#environment.out
    const state = { ...this.#state, facts: { ...this.#state.facts, now: Date.now() } }
    if (state.page === "help") this.#screen.draw(renderHelp(this.#screen, paint))
    else if (state.page === "details") {
      const { lines, scroll } = renderPage(this.#details ?? ["reading …"], state, this.#screen, paint)
      this.#state = { ...this.#state, scroll }
      this.#screen.draw(lines)
    } else this.#screen.draw(renderList(state, this.#screen, paint, this.#preview))
  }

  /** The end of the conversation under the cursor, once the cursor rests there. */
  #showPreview(): void {
    const item = itemUnderCursor(this.#state)
    if (item === null || this.#preview?.key === itemKey(item)) return
    void readLastMessages(item.session, previewCount, this.#environment.ctx)
      .then((messages) => {
        if (itemKey(itemUnderCursor(this.#state) ?? item) !== itemKey(item)) return
        this.#preview = { key: itemKey(item), messages }
        this.#draw()
      })
      .catch(() => {}) // a conversation that cannot be read has no preview
  }

  async #openDetails(): Promise<void> {
    const item = itemUnderCursor(this.#state)
    if (item === null) return
    this.#details = null
    const { ctx, paths, out } = this.#environment
    const resume = await actPlugin<ResumeLine>("resume").act(item.session, { ...ctx, save: refuseToSave })
    const lastMessages = await readLastMessages(item.session, previewCount, ctx)
    if (itemKey(itemUnderCursor(this.#state) ?? item) !== itemKey(item)) return // another one was opened meanwhile
    const view = { item, lastMessages, resume, now: Date.now(), home: paths.home, utc: false }
    this.#details = oneSessionLines(view, out.paint)
    this.#draw()
  }

  async #follow(intent: ListIntent): Promise<void> {
    try {
      switch (intent.kind) {
        case "leave":
          return this.#leave("by choice")
        case "interrupt":
          return this.#leave("Ctrl-C")
        case "suspend":
          return this.#screen.suspend()
        case "go":
          return await this.#go(intent.item)
        case "export":
          return await this.#act(() => this.#actions.save(intent.items))
        case "kill":
          return await this.#kill(intent.items)
        case "dismiss":
          this.#say((await this.#actions.dismiss(intent.items)).message)
          await this.#looks.lookAnew()
          return this.#draw()
        case "process":
          return await this.#act(() => this.#actions.process())
        case "resume":
          return await this.#resume(intent.item)
      }
    } catch (error) {
      this.#left.reject(error)
    }
  }

  async #kill(items: readonly ListedSession[]): Promise<void> {
    const current = items.some(({ session }) => session.state === "CURRENT")
    if (current) return this.#say("you are in that session: end it from another terminal")
    const running = items.filter(({ session }) => session.process !== null)
    if (running.length === 0)
      return this.#say(
        items.length === 1 && items[0]?.place == null ? "it is not running" : "none of them is running",
      )
    await this.#act(() => this.#actions.end(running))
  }

  async #resume(item: ListedSession): Promise<void> {
    if (item.session.state === "CURRENT") return this.#say("you are in that session")
    if (item.session.process !== null) return this.#say("it is running: o goes there, k ends it first")
    await this.#act(async () => this.#actions.resume(item, await findAll(this.#environment)))
  }

  async #go(item: ListedSession): Promise<void> {
    const went = await this.#actions.go(item, (act) => this.#inForeground(act))
    if (went.kind === "told") this.#say(went.where)
    else this.#draw()
  }

  /** Runs on the normal screen, where its report stays; a report that has to be read waits for a key. */
  async #act(act: () => Promise<Acted>): Promise<void> {
    const { message, stop } = await this.#inForeground(async () => {
      const acted = await act()
      const goesOn = acted.exit === undefined && acted.interrupted !== true
      const back = goesOn && (!acted.stop || (await this.#waitForKey()))
      if (!back) this.#leave(acted.exit ?? "Ctrl-C") // before the list opens again, and takes what was typed for its keys
      return acted
    })
    if (this.#how !== null) return
    this.#state = { ...this.#state, marked: new Set(), message: stop ? null : message, page: "list" }
    await this.#looks.lookAnew()
    this.#draw()
  }

  async #inForeground<T>(act: () => Promise<T>): Promise<T> {
    this.#acting = true
    await this.#looks.stop()
    this.#screen.close()
    try {
      return await act()
    } finally {
      this.#acting = false
      if (this.#how === null) this.#reopen()
    }
  }

  #reopen(): void {
    this.#screen.open()
    this.#looks.start()
  }

  /** false: leave instead. */
  async #waitForKey(): Promise<boolean> {
    if (this.#run.signal.aborted) return false
    this.#environment.out.note("press a key to go back to the list")
    return (await this.#screen.nextKey(this.#run.signal)) === "key"
  }

  /** Ctrl-C may be for the client that was started here, whose exit code is ours. */
  #leave(how: Leaving): void {
    if (this.#how === null || typeof how === "number") this.#how = how
    this.#left.resolve()
  }

  #say(message: string): void {
    this.#state = { ...this.#state, message }
    this.#draw()
  }
}
