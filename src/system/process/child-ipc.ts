import { MiB } from "../../domain/bytes.ts"
import { openLibc } from "../native/libc.ts"
import { childEnvironment } from "./run-program.ts"

/** Another instance of this program, started for a single task. */
export interface ChildProcess {
  send(message: unknown): void
  /** Ends it at once; processes it has started continue. */
  terminate(): void
  /** Ends it and everything it has started. */
  killGroup(): void
}

export interface ChildListener {
  onMessage(message: unknown): void
  /** It printed more than the limit. */
  onFlood(): void
  /** `says`: the end of its standard error output. */
  onExit(says: {
    readonly code: number | null
    readonly signal: string | number | null
    readonly says: string
  }): void
}

const maxOutputBytes = 4 * MiB
const keptErrorChars = 4096

/**
 * Starts this program with other arguments, in a process group of its own: Ctrl-C reaches only the parent, and the
 * child can be ended together with everything it has started.
 */
export function startChild(args: readonly string[], watcher: ChildListener): ChildProcess {
  const source = Bun.isStandaloneExecutable ? [] : [new URL("../../main.ts", import.meta.url).pathname]
  const child = Bun.spawn([process.execPath, ...source, ...args], {
    cwd: "/",
    env: { ...childEnvironment(), DO_NOT_TRACK: "1" }, // no crash report of a plugin is sent
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    serialization: "advanced",
    ipc: (message) => watcher.onMessage(message),
  })
  let remaining = maxOutputBytes
  let errors = ""
  const ends = [child.stdout.getReader(), child.stderr.getReader()] as const
  const read = async (end: (typeof ends)[number], keep: boolean) => {
    for (let part = await end.read(); !part.done; part = await end.read()) {
      if (keep) errors = (errors + new TextDecoder().decode(part.value)).slice(-keptErrorChars)
      const had = remaining
      remaining -= part.value.length
      if (had >= 0 && remaining < 0) watcher.onFlood()
    }
  }
  const killGroup = () => {
    if (child.exitCode !== null || child.signalCode !== null) return // its pid may have been reused
    try {
      process.kill(-child.pid, "SIGKILL")
    } catch {
      child.kill("SIGKILL")
    }
  }
  const printed = Promise.all([read(ends[0], false), read(ends[1], true)]).catch(() => {})
  child.exited.then(async () => {
    // processes it started may keep its output open much longer, and would keep this program from exiting
    await Promise.race([printed, new Promise((resolve) => setTimeout(resolve, 200).unref())])
    for (const end of ends) end.cancel().catch(() => {})
    watcher.onExit({ code: child.exitCode, signal: child.signalCode, says: errors })
  })
  return {
    send(message) {
      try {
        child.send(message)
      } catch {
        // it has ended, which `onExit` reports
      }
    },
    terminate: () => child.kill("SIGKILL"),
    killGroup,
  }
}

/** The child's channel to the program that started it; null in a process that was not started by `startChild`. */
export interface ParentChannel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** Opens the channel to the parent and hides it from all other code in this process. */
export async function openParentChannel(): Promise<ParentChannel | null> {
  const send = process.send?.bind(process)
  if (send === undefined) return null
  await dieWithParent()
  process.send = undefined as never
  process.on("disconnect", () => process.exit())
  return {
    send: (message) => void send(message),
    onMessage: (listener) => void process.on("message", listener),
  }
}

/** A plugin in a busy loop would not notice that the parent is gone. Not available on macOS. */
async function dieWithParent(): Promise<void> {
  if (process.platform !== "linux") return
  const parentDeathSignal = 1
  const kill = 9
  try {
    const { dlopen } = await import("bun:ffi")
    const prctl = { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" } as const
    openLibc((name) => dlopen(name, { prctl })).symbols.prctl(parentDeathSignal, kill, 0, 0, 0)
  } catch {
    // no C library: it exits when it next handles events
  }
}
