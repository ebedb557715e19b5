import { type DiskPath, showPath } from "../domain/disk-path.ts"
import { RescueError } from "../domain/errors.ts"
import type { HelperProcess } from "../domain/session/background.ts"
import { type Pid, parseEndablePid } from "../domain/session/pid.ts"
import { readEverySaved } from "../rescue/catalog/every-agent.ts"
import type { Config } from "../system/config/config.ts"
import type { Paths } from "../system/config/paths.ts"
import { systemFiles } from "../system/fs/files.ts"
import { toReadError } from "../system/fs/io-errors.ts"
import { unreadInput } from "../system/native/tty-input-queue.ts"
import { systemProcesses } from "../system/process/system-processes.ts"
import { sharedDelay } from "../system/runtime/shared-delay.ts"
import { KnownFacts } from "./facts/known-facts.ts"
import { PluginRegistry } from "./plugin-registry.ts"
import type { RunContext } from "./run-context.ts"

const defaultHungAfterMs = 600_000

/** A context on the real machine, with the warnings and errors collected through it. */
export interface Machine {
  readonly ctx: RunContext
  readonly warnings: readonly string[]
  /** Existing paths that could not be read so far. */
  readonly unread: readonly { readonly path: DiskPath; readonly error: RescueError }[]
  readonly rejected: readonly { readonly pid: Pid; readonly why: string }[]
  /** Agent client processes without a conversation, by pid, as last seen. */
  readonly helpers: ReadonlyMap<number, HelperProcess>
}

export async function openMachine(
  paths: Paths,
  config: Pick<Config, "homes" | "hungAfterMs">,
  options: { hungAfterMs: number | null; signal: AbortSignal; warnings: string[] },
): Promise<Machine> {
  const pid = parseEndablePid(process.pid)
  if (pid === null) {
    const message =
      "session-rescue runs as process 1, so its own processes cannot be distinguished from others"
    throw new RescueError("REFUSED", message, "start it below an init: docker run --init …, or through sh -c")
  }
  const { warnings } = options
  const unread: { path: DiskPath; error: RescueError }[] = []
  const rejected: { pid: Pid; why: string }[] = []
  const helpers = new Map<number, HelperProcess>()
  const warn = (message: string) => {
    if (!warnings.includes(message)) warnings.push(message)
  }
  let saved: ReturnType<typeof readEverySaved> | null = null
  const knownFacts = new KnownFacts(paths.data)
  const ctx: RunContext = {
    facts: knownFacts,
    knownFacts,
    plugins: new PluginRegistry(null),
    files: systemFiles((path, error) => {
      warn(`${showPath(path)} cannot be read: ${errorCode(error)}`)
      unread.push({ path, error: toReadError(error, path) })
    }),
    processes: await systemProcesses(),
    unreadInput,
    savedExports(id) {
      saved ??= readEverySaved(paths)
      return saved.of(id)
    },
    self: { pid, uid: process.getuid?.() ?? -1, environment: { ...process.env } as Record<string, string> },
    paths: { home: paths.home, data: paths.data },
    homes: config.homes,
    options: {},
    now: Date.now(),
    hungAfterMs: options.hungAfterMs ?? config.hungAfterMs ?? defaultHungAfterMs,
    resample: sharedDelay(200),
    resampleLater: sharedDelay(2000),
    warn,
    cache: new Map(),
    signal: options.signal,
    reject: (pid, why) => void rejected.push({ pid, why }),
    reportHelper: (process) => void helpers.set(process.pid, process),
  }
  return { ctx, warnings, unread, rejected, helpers }
}

function errorCode(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message
}
