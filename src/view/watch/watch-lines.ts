import { describeNotice } from "../../domain/watch/notice.ts"
import type { WatchEvent } from "../../operations/watch/watcher-facts.ts"
import { formatSize } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { describeContext, describeCopy } from "./watch-status.ts"

/** One line for each thing that the watcher did; on a terminal what was told also rings. */
export function showWatchEvent(event: WatchEvent, at: number, out: Output): void {
  const { green, red, dim, yellow } = out.paint
  const line = (text: string) => out.print(`${dim(clockTime(at))} ${text}`)
  if (event.kind === "seen") {
    const { how, session } = event.change
    const name = [session.project, session.id?.slice(0, 8) ?? `pid ${session.pid}`].filter(Boolean).join(" ")
    const what =
      how === "gone" ? session.detail : `${session.state} ${session.detail}, ${describeContext(session)}`
    const why = session.reasons.length === 0 ? "" : ` (${session.reasons.join(", ")})`
    line(
      `${how === "gone" ? "gone" : "sees"}    ${sanitize(`${name}: ${what}, ${describeCopy(session)}${why}`)}`,
    )
    return
  }
  if (event.kind === "trouble") {
    line(`${red("failed")}  ${sanitize(event.message)}`)
    return
  }
  if (event.kind === "told") {
    const by = event.telling.by.length === 0 ? "nothing could show it" : event.telling.by.join(", ")
    for (const text of event.telling.text.split("\n"))
      line(`${yellow("told")}    ${sanitize(text)} ${dim(`(${by})`)}`)
    return
  }
  const { sight, actions } = event.task
  const reason = actions.find(({ save }) => save)?.reason ?? "context"
  const { outcome, path, bytes, replaced, message } = event.result
  const saved = outcome === "saved" || outcome === "partly" ? outcome : "failed"
  const notice = { reason, sight, saved: outcome, path, message }
  const where =
    path === null ? "" : `  ${formatSize(bytes)}${replaced === 0 ? "" : ", replaces an older copy"}  ${path}`
  line(
    `${saved === "saved" ? green("saved") : red(saved)}   ${sanitize(describeNotice(notice))}${dim(sanitize(where))}`,
  )
}

export function showWatchStart(thresholds: readonly number[], out: Output): void {
  const at = thresholds.map((share) => `${Math.round(share * 1000) / 10}%`).join(" and ")
  out.print(
    `Watching: saves a session when its context is at ${at}, when it crashes, hangs, or is about to be deleted.`,
  )
  out.print("Ctrl-C ends it. What it knows: session-rescue watch --status")
}

function clockTime(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(11, 19)
}
