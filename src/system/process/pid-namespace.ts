import { readlinkSync } from "node:fs"
import type { Pid } from "../../domain/session/pid.ts"

/** Whether a process lives in a container of its own, where numbers of processes mean others than here. */
export function isInOtherNamespace(pid: Pid): boolean {
  if (process.platform !== "linux") return false
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`) !== readlinkSync("/proc/self/ns/pid")
  } catch {
    return true // gone, or not ours to look at
  }
}
