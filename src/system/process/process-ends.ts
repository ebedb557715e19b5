import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import type { Pid } from "../../domain/session/pid.ts"
import { type PeerCalls, peerCalls } from "../native/peer-calls.ts"
import { statFields } from "./linux.ts"

/**
 * The other end of a process's standard input or output: `somebody`: another process has it open; `nobody`: a pipe or
 * socket whose other end is closed in every process; `none`: it has no other end (a file, a terminal, /dev/null).
 */
type End = "somebody" | "nobody" | "none"

/** How a process is connected to others; an end is null where the kernel does not say. */
export interface ProcessEnds {
  readonly input: End | null
  readonly output: End | null
  /** TCP ports it listens on. */
  readonly ports: readonly number[]
  /** Whether it is the leader of its session (setsid); children forked by a leader are not. */
  readonly leads: boolean
}

/** null where it cannot be determined: not on Linux, another user's process, or the process is gone. */
export async function processEnds(pid: Pid): Promise<ProcessEnds | null> {
  const calls = process.platform === "linux" ? await peerCalls() : null
  if (calls === null) return null
  try {
    const open = readdirSync(`/proc/${pid}/fd`).flatMap(
      (fd) => attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [],
    )
    const [, , , session] = statFields(readFileSync(`/proc/${pid}/stat`, "latin1")).rest
    const ends = { input: endOf(pid, 0, calls), output: endOf(pid, 1, calls) }
    return { ...ends, ports: portsOf(pid, open), leads: Number(session) === pid }
  } catch {
    return null
  }
}

function endOf(pid: Pid, fd: 0 | 1, calls: PeerCalls): End | null {
  const path = `/proc/${pid}/fd/${fd}`
  const target = attempt(() => readlinkSync(path))
  if (target === null) return "none" // the process has closed it
  const [, kind, inode = ""] = /^(pipe|socket):\[(\d+)\]$/.exec(target) ?? []
  if (kind === "pipe") return endOfPipe(path, fd, calls)
  if (kind === undefined) return "none"
  const gone = calls.isPeerGone(Number(inode))
  return gone === null ? null : gone ? "nobody" : "somebody"
}

/** Polls a second handle on the same side of the pipe: its state is the same as the process's. Transfers nothing. */
function endOfPipe(path: string, fd: 0 | 1, calls: PeerCalls): End {
  const side = fd === 0 ? constants.O_RDONLY : constants.O_WRONLY
  const handle = openSync(path, side | constants.O_NONBLOCK)
  try {
    return calls.isHungUp(handle) ? "nobody" : "somebody"
  } finally {
    closeSync(handle)
  }
}

/** `open`: targets of the process's descriptors. Read in the process's own network namespace. */
function portsOf(pid: Pid, open: readonly string[]): number[] {
  const listening = "0A"
  const sockets = new Set(open)
  const ports = ["tcp", "tcp6"].flatMap((table) => {
    const text = attempt(() => readFileSync(`/proc/${pid}/net/${table}`, "latin1")) ?? ""
    return text.split("\n").flatMap((line) => {
      const [, address = "", , state, , , , , , inode] = line.trim().split(/\s+/)
      const its = state === listening && sockets.has(`socket:[${inode}]`)
      return its ? Number.parseInt(address.slice(address.lastIndexOf(":") + 1), 16) : []
    })
  })
  return [...new Set(ports)].toSorted((a, b) => a - b)
}

function attempt<T>(look: () => T): T | null {
  try {
    return look()
  } catch {
    return null
  }
}
