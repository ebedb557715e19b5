/** One thing looked at. `advice`: it works, and something is better done. `broken`: something does not work. */
export interface Finding {
  readonly topic:
    | "binary"
    | "path"
    | "config"
    | "clients"
    | "registry"
    | "data"
    | "purge"
    | "transcripts"
    | "files"
    | "homes"
    | "leftovers"
    | "processes"
    | "index"
    | "plugins"
    | "setup"
    | "hooks"
  readonly level: "ok" | "advice" | "broken"
  readonly says: string
  /** What to do; null when nothing is to be done. */
  readonly next: string | null
}

export function ok(topic: Finding["topic"], says: string): Finding {
  return { topic, level: "ok", says, next: null }
}

export function advice(topic: Finding["topic"], says: string, next: string): Finding {
  return { topic, level: "advice", says, next }
}

export function broken(topic: Finding["topic"], says: string, next: string): Finding {
  return { topic, level: "broken", says, next }
}

/** `1 session`, `3 sessions`. */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? "" : "s"}`
}
