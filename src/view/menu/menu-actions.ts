import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { Choice } from "../terminal/prompts.ts"

export type MenuAction = "export" | "kill" | "resume" | "why" | "skip"

/** What can be done with a session; what cannot says why. */
export function actionsFor(
  session: ClassifiedSession,
  done: ReadonlySet<MenuAction>,
): readonly Choice<MenuAction>[] {
  const running = session.process !== null
  const current = session.state === "CURRENT"
  const cannotEnd = current ? "you are in it" : running ? null : "it is not running"
  const cannotResume = current ? "you are in it" : running ? "it is running: end it first" : null
  return [
    { value: "export", label: "Export", hint: "save a verified copy of everything" },
    choice("kill", "Kill", cannotEnd, "save it first, then ask"),
    choice("resume", "Resume", cannotResume, "the command that resumes it"),
    { value: "why", label: "Show why", hint: `the evidence for ${session.state}` },
    {
      value: "skip",
      label: done.size > 0 ? "Done with this one" : "Skip",
      hint: "back to the list (also Esc)",
    },
  ]
}

function choice(value: MenuAction, label: string, why: string | null, hint: string): Choice<MenuAction> {
  return why === null ? { value, label, hint } : { value, label, hint: why, disabled: true }
}

/** Where the cursor stands: at what most likely comes next. */
export function likelyAction(session: ClassifiedSession, done: ReadonlySet<MenuAction>): MenuAction {
  if (!done.has("export")) return "export"
  if (session.process !== null) return session.state === "HUNG" && !done.has("kill") ? "kill" : "skip"
  return done.has("resume") ? "skip" : "resume"
}
