/** One thing looked at. `advice`: it works, and something is better done. `broken`: something does not work. */
export interface Finding {
  readonly topic:
    | "binary"
    | "path"
    | "config"
    | "clients"
    | "registry"
    | "data"
    | "suspended"
    | "purge"
    | "transcripts"
    | "files"
    | "homes"
    | "leftovers"
    | "lost"
    | "processes"
    | "index"
    | "plugins"
    | "setup"
    | "hooks"
    | "watcher"
  readonly level: "ok" | "advice" | "broken"
  readonly message: string
  /** What to do; null when nothing is to be done. */
  readonly next: string | null
}

export function ok(topic: Finding["topic"], message: string): Finding {
  return { topic, level: "ok", message, next: null }
}

export function advice(topic: Finding["topic"], message: string, next: string): Finding {
  return { topic, level: "advice", message, next }
}

export function broken(topic: Finding["topic"], message: string, next: string): Finding {
  return { topic, level: "broken", message, next }
}

/** `1 session`, `3 sessions`. */
export function countNoun(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? "" : "s"}`
}

export function formatRoughSize(bytes: number): string {
  if (bytes >= 10 * 2 ** 30) return `${Math.floor(bytes / 2 ** 30)} GB`
  return bytes > 0 && bytes < 2 ** 20 ? "less than 1 MB" : `${Math.floor(bytes / 2 ** 20)} MB`
}
