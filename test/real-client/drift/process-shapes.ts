import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { basename } from "node:path"
import { normalised, normalisedWord, type Place } from "./normalised.ts"

/** A process as this run sees it. */
interface Seen {
  readonly pid: number
  readonly parent: number
  readonly comm: string
  readonly argv: readonly string[]
  readonly env: ReadonlyMap<string, string>
  /** The program that runs is the client, whatever its name says. */
  readonly isClient: boolean
}

export interface ProcessShape {
  /** Its name and its command line. */
  readonly name: string
  /** The client's variables in its environment. */
  readonly variables: readonly string[]
}

/** Clients and all below them that live in that root: processes of a moment are left out by looking twice. */
export async function processShapes(place: Place, given: Record<string, string>): Promise<ProcessShape[]> {
  const first = new Set(livingIn(place).map(({ pid }) => pid))
  await Bun.sleep(settleMs)
  const found = livingIn(place).filter(({ pid }) => first.has(pid))
  const clients = new Set(found.filter(({ isClient }) => isClient).map(({ pid }) => pid))
  const parents = new Map(found.map(({ pid, parent }) => [pid, parent]))
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return clients.has(pid) || (parent !== undefined && parent !== pid && isBelow(parent))
  }
  return found.filter(({ pid }) => isBelow(pid)).map((process) => shapeOf(process, place, given))
}

const settleMs = 400

function shapeOf({ comm, argv, env }: Seen, place: Place, given: Record<string, string>): ProcessShape {
  const [program = "", ...rest] = argv // the first may be a title of several words
  const words = [normalised(program, place), ...rest.map((word) => normalisedWord(word, place))].filter(
    (word, at, all) => word !== all[at - 1],
  )
  const variables = [...env.keys()].filter((name) => /^CLAUDE/.test(name) && !(name in given))
  return { name: `${normalisedWord(comm, place)}: ${words.join(" ")}`, variables: variables.toSorted() }
}

function livingIn(place: Place): Seen[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  return pids.map((pid) => look(Number(pid), place)).filter((seen) => seen !== null)
}

/** null for one that is gone meanwhile, or has its home elsewhere. */
function look(pid: number, { root, executable }: Place): Seen | null {
  try {
    const words = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").filter(Boolean)
    const env = new Map(
      words("environ").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    )
    if (!env.get("HOME")?.startsWith(`${root}/`)) return null
    const status = readFileSync(`/proc/${pid}/status`, "utf8")
    if (/^State:\s+Z/m.test(status)) return null
    const exe = readlinkSync(`/proc/${pid}/exe`)
    const argv = words("cmdline")
    const comm = /^Name:\s+(.*)$/m.exec(status)?.[1] ?? ""
    const isScript = basename(exe) === "node" && (comm === "claude" || argv[0] === "claude")
    return {
      pid,
      parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]),
      comm,
      argv,
      env,
      isClient: isScript || exe === executable,
    }
  } catch {
    return null
  }
}
