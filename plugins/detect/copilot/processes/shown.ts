import {
  type Context,
  type ProcessDetails,
  type ProcessEntry,
  parseSessionId,
  type SessionId,
} from "session-rescue"

export interface Shown {
  readonly id: SessionId
  /** What says so. */
  readonly says: string
}

const namingOptions = /^(?:--resume|-r|--session-id|--connect)(?:=(.*))?$/
const tailBytes = 1 << 20

/**
 * A client that was resumed locks its session with the first message only (1.0.102, observed). Until then its log names the
 * session, which it keeps open; its arguments name the one that it was started with.
 */
export function shownBy(
  ctx: Context,
  { entry, details }: { readonly entry: ProcessEntry; readonly details: ProcessDetails },
  files: readonly string[],
): Shown | null {
  const log = files.find((path) =>
    new RegExp(`/process-\\d+-${entry.innerPid ?? entry.pid}\\.log$`).test(path),
  )
  const logged = log === undefined ? undefined : foregroundIn(ctx, log)
  if (logged !== undefined) return logged === null ? null : { id: logged, says: "its log names it" }
  const { argv } = details
  for (const [index, argument] of argv.entries()) {
    const found = namingOptions.exec(argument)
    const id = found === null ? null : parseSessionId(found[1] ?? argv[index + 1])
    if (id !== null) return { id, says: "its arguments name it" }
  }
  return null
}

/** The session in the foreground according to a log; null when it says that there is none, undefined when it says nothing. */
function foregroundIn(ctx: Context, log: string): SessionId | null | undefined {
  const size = ctx.files.stat(log)?.size ?? 0
  const from = Math.max(0, size - tailBytes)
  const text = Buffer.from(ctx.files.read(log, from, size - from) ?? []).toString("utf8")
  const last = [...text.matchAll(/\] (Unr|R)egistering foreground session: (\S+)/g)].at(-1)
  if (last === undefined) return undefined
  return last[1] === "R" ? parseSessionId(last[2]) : null
}
