import { closeSync, constants, openSync, readFileSync } from "node:fs"
import { constants as os } from "node:os"
import type { ProcessIdentity } from "../session/process-identity.ts"
import { pidfdCalls } from "./pidfd.ts"
import { systemProcesses } from "./processes.ts"

export type EndingSignal = "SIGTERM" | "SIGCONT" | "SIGKILL"

/** One certain process, held so that its number being used again can mislead nobody. */
export interface HeldProcess {
  readonly identity: ProcessIdentity
  /** false: between the last check and a signal a small window remains (macOS). */
  readonly airtight: boolean
  hasEnded(): Promise<boolean>
  /** The only way a signal leaves this program. */
  signal(signal: EndingSignal): Promise<"sent" | "gone" | "denied">
  release(): void
}

/** null when the process is gone, or its number already belongs to another one. */
export async function holdProcess(identity: ProcessIdentity): Promise<HeldProcess | null> {
  const { pid, startMark } = identity
  const processes = await systemProcesses()
  const isStill = async () => (await processes.pulse(pid))?.startMark === startMark
  const calls = process.platform === "linux" ? await pidfdCalls() : null
  const fd = calls === null ? -1 : calls.open(pid)
  // looked at after the handle was taken: if the mark is right now, the handle means that process for ever
  if (!(await isStill())) {
    if (fd >= 0) closeSync(fd)
    return null
  }
  if (calls !== null && fd >= 0) {
    return {
      identity,
      airtight: true,
      hasEnded: async () => calls.hasEnded(fd),
      async signal(name) {
        if (calls.hasEnded(fd)) return "gone"
        if (calls.signal(fd, os.signals[name]) === 0) return "sent"
        return calls.hasEnded(fd) ? "gone" : "denied"
      },
      release: () => closeSync(fd),
    }
  }
  return process.platform === "linux" ? holdByFolder(identity) : holdByLooking(identity, isStill)
}

/** Without pidfd: reading through an open /proc folder fails once that process is gone, whoever has its number. */
function holdByFolder(identity: ProcessIdentity): HeldProcess | null {
  let fd: number
  try {
    fd = openSync(`/proc/${identity.pid}`, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch {
    return null
  }
  const isStill = async () => {
    try {
      const stat = readFileSync(`/proc/self/fd/${fd}/stat`, "latin1")
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      return fields[0] !== "Z" && fields[0] !== "X" && fields[19] === identity.startMark
    } catch {
      return false
    }
  }
  return { ...holdByLooking(identity, isStill), airtight: false, release: () => closeSync(fd) }
}

function holdByLooking(identity: ProcessIdentity, isStill: () => Promise<boolean>): HeldProcess {
  return {
    identity,
    airtight: false,
    hasEnded: async () => !(await isStill()),
    async signal(name) {
      if (!(await isStill())) return "gone"
      try {
        process.kill(identity.pid, name)
        return "sent"
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === "ESRCH" ? "gone" : "denied"
      }
    },
    release() {},
  }
}
