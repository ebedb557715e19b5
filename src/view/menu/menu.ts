import { shortId } from "../../domain/session/session-id.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { count } from "../terminal/format.ts"
import type { Paint } from "../terminal/output.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"
import { fitColumns, sanitize } from "../terminal/sanitize.ts"
import { actionsFor, likelyAction, type MenuAction } from "./menu-actions.ts"
import { type MenuView, menuLine, menuName } from "./menu-box.ts"

/** What was picked in the list: sessions by their place in the view, or something else to do. */
export type MenuPick = number | "export all" | "leave"

/** What the menu asks; without a terminal a test answers. */
export interface MenuQuestions {
  pick(view: MenuView): Promise<Reply<readonly MenuPick[]>>
  /** Several were picked: all of them saved at once, or one after the other gone through. */
  together(number: number): Promise<Reply<"export" | "each">>
  act(session: ClassifiedSession, done: ReadonlySet<MenuAction>): Promise<Reply<MenuAction>>
  process(number: number): Promise<Reply<boolean>>
  start(session: ClassifiedSession): Promise<Reply<boolean>>
}

export function menuQuestions(prompts: Prompts, paint: Paint): MenuQuestions {
  return {
    pick(view) {
      const sessions = view.sessions.map((session, index) => ({
        value: index as MenuPick,
        ...menuLine(session, index + 1, view, paint),
      }))
      const all = `Export all ${view.sessions.length}`
      return prompts.pick<MenuPick>("Which sessions?", [
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
        fitColumns(
          `${menuName(session)}${session.title === null ? "" : ` — ${sanitize(session.title)}`}`,
          200,
        ),
        actionsFor(session, done),
        likelyAction(session, done),
      ),
    process: (number) =>
      prompts.confirm(
        `Process ${number === 1 ? "it" : "them"} with /cx now?\n  ${count(number, "export")} would be indexed for search and moved to the archive.`,
        "Yes",
        "No, later: session-rescue cx",
      ),
    start: (session) =>
      prompts.confirm(
        `Start ${shortId(session.id) ?? "it"} here, in this terminal?\n  A copy is saved first. Leaving the client brings you back to your shell.`,
        "Yes, start it here",
        "No, I will paste the command",
      ),
  }
}
