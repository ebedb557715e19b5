import { lstatSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs"
import { dirname, isAbsolute, join, resolve } from "node:path"
import { singleQuote } from "../../domain/shell-quote.ts"

/** Why code at a path is not run, and the command that fixes it. */
export interface Distrust {
  readonly reason: string
  readonly fix: string
}

const maxLinks = 40
const worldWritable = 0o002
const groupWritable = 0o020
const sticky = 0o1000

/**
 * Whether another user could have placed code at this path: null when the file and every folder above it, up to the
 * home (or to / outside of it), belong to this user or root and nobody else can write to them. For a link, its owner
 * and folder are checked, and its target in the same way.
 */
export function reasonUntrusted(path: string, home: string): Distrust | null {
  const uid = process.getuid?.() ?? 0
  const seen = new Set<string>()
  const waiting = [resolve(path)]
  for (let links = 0; ; ) {
    const next = waiting.pop()
    if (next === undefined) return null
    for (let place = next; !seen.has(place); place = dirname(place)) {
      seen.add(place)
      const stat = lstatSync(place, { throwIfNoEntry: false })
      if (stat === undefined)
        return { reason: `${place} is not there`, fix: `ls -l ${singleQuote(dirname(place))}` }
      const why = stat.isSymbolicLink() ? wrongOwner(place, stat, uid) : wrongPlace(place, stat, uid, home)
      if (why !== null) return why
      if (stat.isSymbolicLink()) {
        if (++links > maxLinks)
          return { reason: `${place} leads in circles`, fix: `rm ${singleQuote(place)}` }
        const target = readlinkSync(place)
        waiting.push(isAbsolute(target) ? resolve(target) : join(dirname(place), target))
      }
      if (place === home || place === "/") break
    }
  }
}

function wrongOwner(place: string, stat: Stats, uid: number): Distrust | null {
  if (stat.uid === uid || stat.uid === 0) return null
  const whose = `${place} belongs to another user (${stat.uid})`
  return { reason: whose, fix: `chown ${stat.isSymbolicLink() ? "-h " : ""}${uid} ${singleQuote(place)}` }
}

function wrongPlace(place: string, stat: Stats, uid: number, home: string): Distrust | null {
  const owner = wrongOwner(place, stat, uid)
  if (owner !== null) return owner
  if (!stat.isFile() && !stat.isDirectory()) {
    return { reason: `${place} is neither a file nor a folder`, fix: `ls -l ${singleQuote(place)}` }
  }
  const inHome = place === home || place.startsWith(`${home}/`)
  // /tmp and similar: the sticky bit prevents others from renaming or removing files there
  if (!inHome && stat.isDirectory() && stat.uid === 0 && (stat.mode & sticky) !== 0) return null
  if ((stat.mode & worldWritable) !== 0) {
    return { reason: `${place} can be written by everybody`, fix: `chmod o-w ${singleQuote(place)}` }
  }
  if ((stat.mode & groupWritable) !== 0 && !isOwnGroup(stat.gid, uid)) {
    return {
      reason: `${place} can be written by its group (${stat.gid})`,
      fix: `chmod g-w ${singleQuote(place)}`,
    }
  }
  return null
}

/** A group with the user's name and no other member. */
function isOwnGroup(gid: number, uid: number): boolean {
  const [name, , , members = ""] = entry("/etc/group", gid) ?? []
  const [user] = entry("/etc/passwd", uid) ?? []
  if (name === undefined || name !== user) return false
  return members.split(",").every((member) => member === "" || member === user)
}

/** The fields of the line for an id in /etc/group or /etc/passwd. */
function entry(list: string, number: number): string[] | null {
  try {
    const lines = readFileSync(list, "utf8")
      .split("\n")
      .map((line) => line.split(":"))
    return lines.find((fields) => fields[2] === String(number)) ?? null
  } catch {
    return null
  }
}

/** Whether nobody but its owner may read or write the file: it may hold a token. */
export function isPrivateFile(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true && (stat.mode & 0o077) === 0
}

/** Whether the folder is the user's own, and nobody else can enter it. */
export function isPrivateFolder(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0
}
