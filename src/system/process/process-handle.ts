import { closeSync, constants, openSync, readFileSync, readlinkSync } from "node:fs"
import { constants as os } from "node:os"
import { errnoOf, RescueError } from "../../domain/errors.ts"
import { type ProcessIdentity, parseEndablePid } from "../../domain/session/pid.ts"
import { type PidfdCalls, pidfdCalls } from "../native/pidfd.ts"
import type { Processes } from "./processes.ts"
import { systemProcesses } from "./system-processes.ts"

type EndingSignal = "SIGTERM" | "SIGCONT" | "SIGKILL"

/** A handle that stays valid even if the pid is reused. */
export interface ProcessHandle {
  readonly identity: ProcessIdentity
  /** false: a small race remains between the last check and a signal (macOS). */
  readonly raceFree: boolean
  hasExited(): Promise<boolean>
  /** The only way this program signals processes that it did not start. */
  signal(signal: EndingSignal): Promise<"sent" | "gone" | "denied">
  release(): void
}

/** null when the process is gone or its pid was reused; throws when that cannot be determined. */
export async function openProcess(identity: ProcessIdentity): Promise<ProcessHandle | null> {
  refuseProcessOne(identity)
  return process.platform === "linux"
    ? openOnLinux(identity, await pidfdCalls())
    : openByPolling(identity, await systemProcesses())
}

/** `calls`: null where the kernel or the C library has no pidfds. */
export function openOnLinux(identity: ProcessIdentity, calls: PidfdCalls | null): ProcessHandle | null {
  refuseForeignPids()
  const { pid, startMark } = identity
  const fd = calls === null ? -1 : calls.open(pid)
  if (calls === null || fd < 0) return openByProcDir(identity)
  let same = false
  try {
    // looked at after the handle was taken: if the mark is right now, the handle means that process from then on
    // safety: identity-pidfd
    same = readStartMark(`/proc/${pid}`) === startMark
  } finally {
    if (!same) closeSync(fd)
  }
  if (!same) return null
  return {
    identity,
    raceFree: true,
    hasExited: async () => calls.hasExited(fd),
    async signal(name) {
      if (calls.hasExited(fd)) return "gone" // safety: ended-no-signal
      if (calls.signal(fd, os.signals[name]) === 0) return "sent"
      return calls.hasExited(fd) ? "gone" : "denied"
    },
    release: () => closeSync(fd),
  }
}

/** In a container a client may be process 1: everything there ends with it. */
function refuseProcessOne({ pid }: ProcessIdentity): void {
  if (parseEndablePid(pid) !== null) return // safety: process-one-held
  throw new RescueError("REFUSED", "process 1 is never ended: everything here ends with it", endOutside)
}

const endOutside = "end its container from outside, once it is saved: session-rescue --export 1"

/** In a PID namespace that still sees another one's /proc, a pid from there is a different process here. */
function refuseForeignPids(): void {
  if (readlinkSync("/proc/self") === String(process.pid)) return // safety: own-numbers
  throw new RescueError(
    "REFUSED",
    "/proc shows the processes of another PID namespace, so none can be named safely",
    "run it outside of this namespace, or mount its own /proc",
  )
}

/** The start mark in a process's /proc folder; null once it has ended. */
function readStartMark(folder: string): string | null {
  try {
    const stat = readFileSync(`${folder}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null)
  } catch (error) {
    if (isNoSuchProcess(error)) return null
    throw error
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return ["ENOENT", "ESRCH"].includes(errnoOf(error))
}

/** Without pidfd: reads through an open /proc folder fail once that process is gone, even if its pid is reused. */
function openByProcDir(identity: ProcessIdentity): ProcessHandle | null {
  let fd: number
  try {
    fd = openSync(`/proc/${identity.pid}`, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch (error) {
    if (isNoSuchProcess(error)) return null
    throw error
  }
  let same = false
  const isStill = async () => readStartMark(`/proc/self/fd/${fd}`) === identity.startMark
  try {
    same = readStartMark(`/proc/self/fd/${fd}`) === identity.startMark // safety: identity-folder
  } finally {
    if (!same) closeSync(fd)
  }
  return same ? { ...signalByNumber(identity, isStill, isStill), release: () => closeSync(fd) } : null
}

/** Without /proc: start time and executable are compared just before each signal. */
export async function openByPolling(
  identity: ProcessIdentity,
  processes: Processes,
): Promise<ProcessHandle | null> {
  const { pid, startMark } = identity
  const isStill = async () => (await processes.probe(pid))?.startMark === startMark
  const executable = async () => (await processes.details([pid], [])).get(pid)?.executable
  const held = await executable()
  const isItself = async () => (await executable()) === held && (await isStill())
  // safety: identity-looking
  return (await isStill()) ? signalByNumber(identity, isStill, isItself) : null
}

function signalByNumber(
  identity: ProcessIdentity,
  isStill: () => Promise<boolean>,
  isItself: () => Promise<boolean>,
): ProcessHandle {
  return {
    identity,
    raceFree: false,
    hasExited: async () => !(await isStill()),
    async signal(name) {
      if (!(await isItself())) return (await isStill()) ? "denied" : "gone" // safety: identity-at-signal
      try {
        process.kill(identity.pid, name)
        return "sent"
      } catch (error) {
        return isNoSuchProcess(error) ? "gone" : "denied"
      }
    },
    release() {},
  }
}
