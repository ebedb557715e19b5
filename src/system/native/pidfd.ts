import { closeSync } from "node:fs"
import { openLibc } from "./libc.ts"

/** Linux handles for processes: they refer to the process itself, not its number (man 2 pidfd_open). */
export interface PidfdCalls {
  /** A handle, or −1 when there is no such process. */
  open(pid: number): number
  /** Whether the process has exited; also true for a zombie. */
  hasExited(fd: number): boolean
  /** 0 when the signal was sent, else −1. */
  signal(fd: number, signal: number): number
}

const openCall = 434n
const signalCall = 424n
/** POLLIN, and POLLHUP once it has been reaped. */
const readable = 0x01
const ended = 0x11

let loaded: Promise<PidfdCalls | null> | undefined

/** null when the C library or the kernel does not support them. */
export function pidfdCalls(): Promise<PidfdCalls | null> {
  loaded ??= load().catch(() => null)
  return loaded
}

async function load(): Promise<PidfdCalls | null> {
  const { dlopen, ptr } = await import("bun:ffi")
  const symbols = {
    syscall: { args: ["i64", "i64", "i64", "i64", "i64"], returns: "i64" },
    poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
  } as const
  const { syscall, poll } = openLibc((name) => dlopen(name, symbols)).symbols
  const calls: PidfdCalls = {
    open: (pid) => Number(syscall(openCall, BigInt(pid), 0n, 0n, 0n)),
    hasExited(fd) {
      const asked = new Int32Array([fd, readable]) // struct pollfd: fd, then events and revents
      poll(ptr(asked), 1n, 0)
      return (((asked[1] ?? 0) >>> 16) & ended) !== 0
    },
    signal: (fd, signal) => Number(syscall(signalCall, BigInt(fd), BigInt(signal), 0n, 0n)),
  }
  const probe = calls.open(process.pid)
  if (probe < 0) return null // a kernel before 5.3, or a sandbox that forbids it
  closeSync(probe)
  return calls
}
