import { createHash } from "node:crypto"
import { hostname } from "node:os"
import { parsePid } from "../session/pid.ts"
import { systemProcesses } from "../system/processes.ts"

/** Names the running process in a temporary folder's name: `<host>-<pid>-<start mark>`. */
export async function ownTag(): Promise<string> {
  const pid = parsePid(process.pid)
  const pulse = pid === null ? null : await (await systemProcesses()).pulse(pid)
  return `${hostTag()}-${process.pid}-${pulse?.startMark ?? "0"}`
}

/** Whether the process named by a tag is certainly gone; one on another machine never is. */
export async function isGone(tag: string): Promise<boolean> {
  const [host, number, startMark] = tag.split("-")
  const pid = parsePid(number ?? "")
  if (host !== hostTag() || pid === null) return false
  return (await (await systemProcesses()).pulse(pid))?.startMark !== startMark
}

function hostTag(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8)
}
