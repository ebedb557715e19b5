import { readlinkSync } from "node:fs"
import type { Pid } from "../../domain/session/pid.ts"

/** Whether a process is in another pid namespace (a container), where pids have a different meaning. */
export function isInOtherNamespace(pid: Pid): boolean {
  if (process.platform !== "linux") return false
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`) !== readlinkSync("/proc/self/ns/pid")
  } catch {
    return true // gone, or access denied
  }
}
