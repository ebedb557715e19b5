import type { ClassifiedSession } from "../pipeline/stages.ts"
import { type MenuView, menuLine, menuName } from "./menu-box.ts"
import type { Paint } from "./output.ts"
import { fit, plain } from "./plain.ts"
import type { Choice, Prompts, Reply } from "./prompts.ts"
import { count } from "./words.ts"

export type MenuAction = "export" | "kill" | "resume" | "why" | "skip"

/** What was picked in the list: sessions by their place in the view, or something else to do. */
export type Picked = number | "export all" | "leave"

/** What the menu asks; without a terminal a test answers. */
export interface MenuAsker {
  pick(view: MenuView): Promise<Reply<readonly Picked[]>>
  /** Several were picked: all of them saved at once, or one after the other gone through. */
  together(number: number): Promise<Reply<"export" | "each">>
  act(session: ClassifiedSession, done: ReadonlySet<MenuAction>): Promise<Reply<MenuAction>>
  process(number: number): Promise<Reply<boolean>>
  start(session: ClassifiedSession): Promise<Reply<boolean>>
}

export function menuAsker(prompts: Prompts, paint: Paint): MenuAsker {
  return {
    pick(view) {
      const sessions = view.sessions.map((session, index) => ({
        value: index as Picked,
        ...menuLine(session, index + 1, view, paint),
      }))
      const all = `Export all ${view.sessions.length}`
      return prompts.pick<Picked>("Which sessions?", [
        ...sessions,
        { value: "export all", label: all, words: all.toLowerCase(), alone: true },
        { value: "leave", label: "Leave", words: "leave quit exit", alone: true },
      ])
    },
    together: (number) =>
      prompts.select(`${count(number, "session")} chosen`, [
        { value: "export" as const, label: `Export all ${number}` },
        { value: "each" as const, label: "Go through them one by one" },
      ]),
    act: (session, done) =>
      prompts.select(
        fit(`${menuName(session)}${session.title === null ? "" : ` — ${plain(session.title)}`}`, 200),
        actions(session, done),
        likely(session, done),
      ),
    process: (number) =>
      prompts.confirm(
        `Process ${number === 1 ? "it" : "them"} with /cx now?\n  ${count(number, "export")} would be indexed for search and moved to the archive.`,
        "Yes",
        "No, later: session-rescue cx",
      ),
    start: (session) =>
      prompts.confirm(
        `Start ${session.id?.slice(0, 8) ?? "it"} here, in this terminal?\n  A copy is saved first. Leaving the client brings you back to your shell.`,
        "Yes, start it here",
        "No, I will paste the line",
      ),
  }
}

function actions(session: ClassifiedSession, done: ReadonlySet<MenuAction>): readonly Choice<MenuAction>[] {
  const running = session.process !== null
  const current = session.state === "CURRENT"
  const cannotEnd = current ? "you are in it" : running ? null : "it is not running"
  const cannotResume = current ? "you are in it" : running ? "it is running: end it first" : null
  return [
    { value: "export", label: "Export", hint: "save a verified copy of all it has" },
    choice("kill", "Kill", cannotEnd, "saves it first, then asks"),
    choice("resume", "Resume", cannotResume, "the line that brings it back"),
    { value: "why", label: "Show why", hint: `the evidence for ${session.state}` },
    { value: "skip", label: done.size > 0 ? "Done with this one" : "Skip", hint: "back to the list, as Esc" },
  ]
}

function choice(value: MenuAction, label: string, why: string | null, hint: string): Choice<MenuAction> {
  return why === null ? { value, label, hint } : { value, label, hint: why, disabled: true }
}

/** Where the cursor stands: at what most likely comes next. */
function likely(session: ClassifiedSession, done: ReadonlySet<MenuAction>): MenuAction {
  if (!done.has("export")) return "export"
  if (session.process !== null) return session.state === "HUNG" && !done.has("kill") ? "kill" : "skip"
  return done.has("resume") ? "skip" : "resume"
}
