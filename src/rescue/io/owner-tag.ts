import { createHash } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import { parsePid } from "../../domain/session/pid.ts"
import { systemProcesses } from "../../system/process/system-processes.ts"

let own: string | undefined

/** Identifies the running process in the name of a temporary folder: `<host>-<pid>-<start mark>`. */
export async function ownTag(): Promise<string> {
  if (own !== undefined) return own
  const pid = parsePid(process.pid)
  const pulse = pid === null ? null : await (await systemProcesses()).probe(pid)
  const tag = `${hostTag()}-${process.pid}-${pulse?.startMark ?? "0"}`
  if (pulse !== null) own = tag
  return tag
}

/** Whether the process named by a tag has certainly exited; never true for a process on another machine. */
export async function hasOwnerExited(tag: string): Promise<boolean> {
  if (tag === own) return false
  const [host, number, startMark] = tag.split("-")
  const pid = parsePid(number ?? "")
  if (host !== hostTag() || pid === null) return false
  try {
    return (await (await systemProcesses()).probe(pid))?.startMark !== startMark
  } catch {
    return false
  }
}

/**
 * Identifies the namespace in which a pid is valid. The host name is not enough: machines that share a disk may have
 * the same name, and a container may share its host's name but not its pids.
 */
function hostTag(): string {
  machine ??= readHostTag()
  return machine
}

let machine: string | undefined

function readHostTag(): string {
  const parts = [hostname(), attempt(() => readFileSync("/etc/machine-id", "utf8"))]
  const space = attempt(() => readlinkSync("/proc/self/ns/pid"))
  return createHash("sha256")
    .update(JSON.stringify([...parts, space]))
    .digest("hex")
    .slice(0, 8)
}

function attempt(read: () => string): string | null {
  try {
    return read()
  } catch {
    return null
  }
}
