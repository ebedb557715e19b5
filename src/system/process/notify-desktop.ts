import { existsSync } from "node:fs"
import { childEnvironment, runProgram } from "./run-program.ts"

const timeoutMs = 5_000

/**
 * Shows a notification on this user's desktop; false where nothing can, or no desktop is there. Text reaches the
 * program as arguments, which other users can read: it must hold nothing of a conversation.
 */
export async function notifyDesktop(title: string, text: string): Promise<boolean> {
  const environment = { ...childEnvironment(), ...sessionBus() }
  if (process.platform !== "darwin" && environment.DBUS_SESSION_BUS_ADDRESS === undefined) return false
  for (const program of process.platform === "darwin" ? appleScript(title, text) : onBus(title, text)) {
    if (Bun.which(program[0] ?? "") === null) continue
    const { code } = await runProgram(program, { environment, signal: AbortSignal.timeout(timeoutMs) })
    if (code === 0) return true
  }
  return false
}

/** Text as arguments, not as a part of the script. */
function appleScript(title: string, text: string): readonly (readonly string[])[] {
  const lines = ["on run a", "display notification (item 2 of a) with title (item 1 of a)", "end run"]
  return [["osascript", ...lines.flatMap((line) => ["-e", line]), title, text]]
}

function onBus(title: string, text: string): readonly (readonly string[])[] {
  const place = ["--dest", "org.freedesktop.Notifications", "--object-path", "/org/freedesktop/Notifications"]
  const call = ["gdbus", "call", "--session", ...place, "--method", "org.freedesktop.Notifications.Notify"]
  const hints = "{'urgency': <byte 2>}"
  const given = ["session-rescue", "0", "", variant(title), variant(markup(text)), "[]", hints, "int32 -1"]
  return [
    ["notify-send", "-a", "session-rescue", "-u", "critical", "--", title, markup(text)],
    [...call, ...given],
  ]
}

/** The body may hold markup (Desktop Notifications Specification): ours is plain text. */
function markup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}

/** A text in GVariant's own notation, so that no text is taken for another type. */
function variant(text: string): string {
  return JSON.stringify(text)
}

/** A service or cron starts without the address; systemd and dbus put the socket into this folder. */
function sessionBus(): Readonly<Record<string, string>> {
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: named } = process.env
  if (address) return { DBUS_SESSION_BUS_ADDRESS: address }
  const socket = `${named || `/run/user/${process.getuid?.()}`}/bus`
  return existsSync(socket) ? { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` } : {}
}
