import type { ClassifiedSession } from "../pipeline/stages.ts"

/** The last line a person sees is what to type next. */
export function nextAfterStatus(sessions: readonly ClassifiedSession[]): string {
  const hung = sessions.find((session) => session.state === "HUNG")
  const name = hung?.process?.terminal ?? hung?.process?.pid
  if (name !== undefined)
    return `Next: session-rescue --export ${name}   (then --kill ${name} ends it safely)`
  if (sessions.length === 0)
    return "Next: nothing to save here. Another client home: CLAUDE_CONFIG_DIR=… session-rescue"
  if (sessions.some((session) => session.process !== null || session.flags.includes("purge-soon"))) {
    return "Next: session-rescue --export   (all that runs, crashed or is about to go)"
  }
  return "Next: session-rescue --resume   (the lines that bring them back)"
}
