import { openLibc } from "./libc.ts"

/** What the Linux kernel knows about the other end of a pipe or socket but exposes in no file. */
export interface PeerCalls {
  /** Whether the other end of an open pipe is closed in every process. */
  isHungUp(fd: number): boolean
  /** Whether the other end of a UNIX socket is closed; null where the kernel does not say. */
  isPeerGone(inode: number): boolean | null
}

/** POLLERR for a pipe without a reader, POLLHUP for one without a writer. */
const hungUp = 0x18
const family = { unix: 1, netlink: 16 }
const socketDiagnosis = 4 // NETLINK_SOCK_DIAG
const rawAndCloseOnExec = 0x80003
const doNotWait = 0x40
const byFamily = 20 // SOCK_DIAG_BY_FAMILY
const request = 1 // NLM_F_REQUEST
const shutdownAttribute = 6 // UNIX_DIAG_SHUTDOWN: part of every answer
const bothWays = 3

let loaded: Promise<PeerCalls | null> | undefined

/** null when the C library cannot be loaded. */
export function peerCalls(): Promise<PeerCalls | null> {
  loaded ??= load().catch(() => null)
  return loaded
}

async function load(): Promise<PeerCalls> {
  const { dlopen, ptr } = await import("bun:ffi")
  const symbols = {
    poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    send: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
    recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
    close: { args: ["i32"], returns: "i32" },
  } as const
  const library = openLibc((name) => dlopen(name, symbols)).symbols
  return {
    isHungUp(fd) {
      const asked = new Int32Array([fd, 0]) // struct pollfd; both events are always reported
      library.poll(ptr(asked), 1n, 0)
      return (((asked[1] ?? 0) >>> 16) & hungUp) !== 0
    },
    isPeerGone(inode) {
      const fd = library.socket(family.netlink, rawAndCloseOnExec, socketDiagnosis)
      if (fd < 0) return null
      try {
        const question = questionAbout(inode)
        if (Number(library.send(fd, ptr(question), BigInt(question.length), 0)) !== question.length)
          return null
        const answer = Buffer.alloc(4096)
        const length = Number(library.recv(fd, ptr(answer), BigInt(answer.length), doNotWait)) // already queued
        return length < 0 ? null : readAnswer(answer.subarray(0, length), inode)
      } finally {
        library.close(fd)
      }
    },
  }
}

/** struct nlmsghdr and unix_diag_req (linux/unix_diag.h), in native byte order: little-endian wherever Bun runs. */
function questionAbout(inode: number): Buffer {
  const any = 0xffffffff
  const question = Buffer.alloc(16 + 24)
  question.writeUInt32LE(question.length, 0)
  question.writeUInt16LE(byFamily, 4)
  question.writeUInt16LE(request, 6)
  question.writeUInt8(family.unix, 16)
  question.writeUInt32LE(any, 20) // in any state
  question.writeUInt32LE(inode, 24)
  question.writeUInt32LE(any, 32) // no cookie, in two halves
  question.writeUInt32LE(any, 36)
  return question
}

/** struct unix_diag_msg, then attributes with a length and a type each. Any other kind of socket gives an error. */
function readAnswer(answer: Buffer, inode: number): boolean | null {
  const head = 32
  if (answer.length < head || answer.readUInt16LE(4) !== byFamily || answer.readUInt32LE(20) !== inode)
    return null
  for (let at = head; at + 4 < answer.length; ) {
    const length = answer.readUInt16LE(at)
    if (length < 4) return null
    if (answer.readUInt16LE(at + 2) === shutdownAttribute) return answer.readUInt8(at + 4) === bothWays
    at += (length + 3) & ~3
  }
  return null
}
