import { MiB } from "../../domain/bytes.ts"
import { openLibc } from "../native/libc.ts"
import { childEnvironment } from "./run-program.ts"

/** Our own program, started again to do one thing. */
export interface ChildProcess {
  send(message: unknown): void
  /** Ends it at once; what it has started goes on. */
  terminate(): void
  /** Ends it with everything it has started. */
  killGroup(): void
}

export interface ChildListener {
  onMessage(message: unknown): void
  /** More was printed than anybody wants to read. */
  onFlood(): void
  /** `says`: the end of what it printed on standard error. */
  onExit(says: {
    readonly code: number | null
    readonly signal: string | number | null
    readonly says: string
  }): void
}

const maxOutputBytes = 4 * MiB
const keptErrorChars = 4096

/**
 * Starts this very program with another command line. It has a process group of its own, so that Ctrl-C reaches us
 * alone and it can be ended with all that it started.
 */
export function startChild(args: readonly string[], watcher: ChildListener): ChildProcess {
  const source = Bun.isStandaloneExecutable ? [] : [new URL("../../main.ts", import.meta.url).pathname]
  const child = Bun.spawn([process.execPath, ...source, ...args], {
    cwd: "/",
    env: { ...childEnvironment(), DO_NOT_TRACK: "1" }, // the runtime sends no report of a plugin's crash
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    serialization: "advanced",
    ipc: (message) => watcher.onMessage(message),
  })
  let room = maxOutputBytes
  let errors = ""
  const ends = [child.stdout.getReader(), child.stderr.getReader()] as const
  const read = async (end: (typeof ends)[number], keep: boolean) => {
    for (let part = await end.read(); !part.done; part = await end.read()) {
      if (keep) errors = (errors + new TextDecoder().decode(part.value)).slice(-keptErrorChars)
      const had = room
      room -= part.value.length
      if (had >= 0 && room < 0) watcher.onFlood()
    }
  }
  const killGroup = () => {
    if (child.exitCode !== null || child.signalCode !== null) return // its number may be another's by now
    try {
      process.kill(-child.pid, "SIGKILL")
    } catch {
      child.kill("SIGKILL")
    }
  }
  const printed = Promise.all([read(ends[0], false), read(ends[1], true)]).catch(() => {})
  child.exited.then(async () => {
    // what it started may hold its output open for longer than anybody will wait: we would not end either
    await Promise.race([printed, new Promise((resolve) => setTimeout(resolve, 200).unref())])
    for (const end of ends) end.cancel().catch(() => {})
    watcher.onExit({ code: child.exitCode, signal: child.signalCode, says: errors })
  })
  return {
    send(message) {
      try {
        child.send(message)
      } catch {
        // it has ended, and that is told
      }
    },
    terminate: () => child.kill("SIGKILL"),
    killGroup,
  }
}

/** The other end of `tell`; null in a process that nobody started so. */
export interface ParentChannel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** Takes the line to the program that started us away from everything else that runs here. */
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

/** A plugin that spins would not notice that we are gone. macOS has no such thing. */
async function dieWithParent(): Promise<void> {
  if (process.platform !== "linux") return
  const parentDeathSignal = 1
  const kill = 9
  try {
    const { dlopen } = await import("bun:ffi")
    const prctl = { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" } as const
    openLibc((name) => dlopen(name, { prctl })).symbols.prctl(parentDeathSignal, kill, 0, 0, 0)
  } catch {
    // no C library to be had: it ends when it next listens
  }
}
