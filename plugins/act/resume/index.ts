/** Builds the command that resumes a conversation: always one with which the installed client finds it. */
import {
  type ActContext,
  type ClassifiedSession,
  definePlugin,
  type ResumeLine,
  shellQuote,
} from "session-rescue"
import { agentLine, reasonNotResumable } from "./other-agents.ts"
import { resumeAdvice } from "./way-back.ts"

export default definePlugin({
  name: "resume",
  stage: "act",
  async act(session: ClassifiedSession, ctx: ActContext): Promise<ResumeLine> {
    const { id, cwd } = session
    const none = (reason: string) => {
      return { id, command: null, start: null, reason, note: null, cwd, nearest: null, rehome: null }
    }
    if (session.agent !== "claude-code") {
      const way = session.resumeWay ?? null
      if (way === null) return none(`how ${session.agent} goes on with a session is not known here`)
      const reason = reasonNotResumable(session, way)
      return reason === null ? { id, cwd, rehome: null, ...agentLine(session, way, ctx) } : none(reason)
    }
    const { background } = session
    if (background?.listed === true && session.state !== "CURRENT")
      return {
        id,
        command: `${inHome(session.home, ctx)}claude attach ${background.name}`,
        start: null,
        reason: null,
        note: null,
        cwd,
        nearest: null,
        rehome: null,
      }
    if (session.process !== null) {
      const where = session.process.terminal ?? `pid ${session.process.pid}`
      return none(session.state === "CURRENT" ? "this is the session you are in" : `end it first: ${where}`)
    }
    if (session.evidence.some(({ signal }) => signal === "growth"))
      return none("it is being written from elsewhere (a container, another machine): end it there first")
    if (id === null || session.transcript === null)
      return none("its transcript is missing; only other files of it are left")
    if (session.footprint[0]?.kind === "link")
      return none("its transcript is a link, and links inside a session are not followed")
    if (session.conversation === "unreadable")
      return none("its transcript cannot be read; an export keeps every byte")
    if (session.conversation === "empty") return none("its transcript contains no conversation")
    return { id, cwd, ...resumeAdvice(session, `${inHome(session.home, ctx)}claude --resume ${id}`, ctx) }
  },
})

/**
 * The command is usually pasted where it was requested: the environment there must not point the client to
 * another home.
 */
function inHome(home: string, { paths, self }: ActContext): string {
  const usual = `${paths.home}/.claude`
  const named = self.environment.CLAUDE_CONFIG_DIR
  if (home !== usual) return `CLAUDE_CONFIG_DIR=${shellQuote(home)} `
  return named === undefined || named.replace(/\/+$/, "") === usual ? "" : "env -u CLAUDE_CONFIG_DIR "
}
