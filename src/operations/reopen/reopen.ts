import type { ResumeLine } from "../../domain/session/resume.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ActContext } from "../../sdk/contracts.ts"
import { runProgram } from "../../system/process/run-program.ts"
import type { OpenThen } from "./open-set.ts"

/** `window`: it runs in a new tmux window. `line`: the line is to be pasted. `none`: it cannot be resumed as it is. */
export interface Reopened extends OpenThen {
  readonly line: ResumeLine
  readonly outcome: "window" | "line" | "none"
  /** The tmux pane, or why no window was opened. */
  readonly where: string | null
}

const tmuxTimeoutMs = 5000

/** Gives the line that resumes each session, and starts it in a window of its own where tmux runs. */
export async function reopenAll(
  open: readonly OpenThen[],
  ctx: RunContext,
  { inTmux, save }: { readonly inTmux: boolean; readonly save: ActContext["save"] },
): Promise<readonly Reopened[]> {
  const plugin = actPlugin<ResumeLine>("resume")
  const reopened: Reopened[] = []
  for (const each of open) {
    if (ctx.signal.aborted) break
    const line = await plugin.act(each.session, { ...ctx, save })
    if (line.command === null) reopened.push({ ...each, line, outcome: "none", where: line.reason })
    else if (!inTmux) reopened.push({ ...each, line, outcome: "line", where: null })
    else reopened.push({ ...each, line, ...(await openWindow(line, each)) })
  }
  return reopened
}

/** Whether a tmux server answers: the one this runs in, or the user's own. */
export async function isTmuxRunning(): Promise<boolean> {
  return (await tmux("list-sessions")).code === 0
}

async function openWindow(
  line: ResumeLine,
  { session }: OpenThen,
): Promise<Pick<Reopened, "outcome" | "where">> {
  // tmux runs the command in #(…) of either, and a title is text from a transcript
  const name = session.title?.slice(0, 20).replaceAll("#", "") || shortId(session.id ?? "")
  const folder = line.start === null ? [] : ["-c", line.start.replaceAll("#", "##")]
  const made = await tmux("new-window", "-d", "-P", "-F", "#{pane_id}", "-n", name, ...folder)
  const pane = made.stdout.trim()
  if (made.code !== 0 || pane === "") return { outcome: "line", where: made.stderr.trim() }
  // typed into the shell of the window: it is still there when the client exits
  const typed = await tmux("send-keys", "-t", pane, "-l", line.command ?? "")
  const sent = await tmux("send-keys", "-t", pane, "Enter")
  return typed.code === 0 && sent.code === 0
    ? { outcome: "window", where: pane }
    : { outcome: "line", where: typed.stderr.trim() || sent.stderr.trim() }
}

function tmux(...words: string[]) {
  return runProgram(["tmux", "-u", ...words], { signal: AbortSignal.timeout(tmuxTimeoutMs) })
}
