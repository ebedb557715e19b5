import { formatDuration } from "../../domain/duration.ts"
import type { Flag } from "../../domain/session/state.ts"

/** `512 B`, `39 KB`, `56 MB`, `1.2 GB`: in steps of 1024, as the client's users know sizes. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ["KB", "MB", "GB", "TB"]
  const step = Math.min(units.length, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${value < 10 && step > 1 ? value.toFixed(1) : Math.floor(value)} ${units[step - 1]}`
}

export function formatAge(at: number | null, now: number): string {
  if (at === null) return "no activity yet"
  const age = now - at
  return age < 5_000 ? "now" : `${formatDuration(age)} ago`
}

/** `2026-11-27 18:03`, in local time. */
export function formatMinute(at: number, utc = false): string {
  const date = new Date(utc ? at : at - new Date(at).getTimezoneOffset() * 60_000)
  return `${date.toISOString().slice(0, 16).replace("T", " ")}${utc ? " UTC" : ""}`
}

/** `2026-11-27 18:03:07`, in local time. */
export function formatSecond(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace("T", " ")
}

/** A path with the home folder shortened to ~. */
export function shortPath(path: string, home: string): string {
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

/** When the client will delete a session: it cleans up whenever it starts. */
export function describePurge(purgeAt: number | null, now: number): string {
  const left = (purgeAt ?? 0) - now
  return left <= 0
    ? "the client DELETES it at its next start"
    : `the client deletes it in ${formatDuration(left)}`
}

/** What each flag means for the person who reads it. */
export function describeFlag(flag: Exclude<Flag, "purge-soon" | "no-terminal">): string {
  switch (flag) {
    case "duplicate-writer":
      return "duplicate-writer: two processes hold this id"
    case "torn-tail":
      return "torn-tail: its last line is incomplete"
    case "corrupt":
      return "corrupt: some lines cannot be read (an export keeps every byte)"
    case "shrunk":
      return "shrunk: smaller than an earlier export"
    case "not-persisting":
      return "not-persisting: it is working, but its transcript does not grow"
    case "long-tool":
      return "long-tool: a tool or a hook has been running for over an hour"
    case "large":
      return "large: over 50 MB"
    case "ambiguous":
      return "ambiguous: more than one transcript may belong to it"
    case "clock":
      return "clock: a time is in the future and was ignored"
  }
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
