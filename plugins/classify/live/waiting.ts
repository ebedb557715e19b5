import type { Session } from "session-rescue"
import { formatCalls, relevantCalls } from "./calls.ts"

/** Describes what an idle live client waits for. Based only on the client's own status (2.1.332). */
export function describeWait(session: Session): string {
  const { reported, mode } = session
  if (mode === "program") return "waiting for its program"
  if (reported?.status !== "waiting") return "waiting for you"
  const calls = relevantCalls(session)
  switch (reported.waitingFor) {
    case "permission prompt":
      return describePermission(session)
    case "input needed": {
      const question = calls.find((call) => call.tool === "AskUserQuestion")?.summary
      return question ? `waiting for your answer: ${question}` : "waiting for your answer"
    }
    case "dialog open":
      return "waiting for you: a dialog is open"
    case "goal proposal":
      return "waiting for you: it proposes a goal"
    case "sandbox request":
      return "waiting for permission: a sandboxed command needs the network"
    case "worker request":
      return "waiting for permission: one of its workers asks"
    default:
      return "waiting for you"
  }
}

/** 2.1.197 also reports a question or a plan as a permission (observed). */
function describePermission(session: Session): string {
  const calls = relevantCalls(session)
  const [only] = calls.length === 1 ? calls : []
  if (only?.tool === "AskUserQuestion")
    return only.summary ? `waiting for your answer: ${only.summary}` : "waiting for your answer"
  if (only?.tool === "ExitPlanMode") return "waiting for permission: to proceed with its plan"
  const asked = formatCalls(calls)
  return asked === null ? "waiting for permission" : `waiting for permission: ${asked}`
}
