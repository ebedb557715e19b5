import { singleQuote } from "../../domain/shell-quote.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { everyFolders } from "../../rescue/catalog/folders.ts"
import { hasOwnerExited } from "../../rescue/io/owner-tag.ts"
import type { Paths } from "../../system/config/paths.ts"
import { readTextFile } from "../../system/fs/config-files.ts"
import { inspectDir } from "../../system/fs/list-dir.ts"
import { advice, broken, countNoun, type Finding, formatRoughSize, ok } from "./finding.ts"

/** Less than this, and an export of a long session may not fit. */
const minFreeBytes = 1 << 30
const hookFailureMaxAgeMs = 86_400_000

/** The data folder: whether an export can be made there, and what dead runs left in it. `needed` in bytes. */
export async function inspectData(
  paths: Paths,
  needed: number,
  ctx: RunContext,
): Promise<readonly Finding[]> {
  const folders = everyFolders(paths.data).flatMap(({ pending, archive }) => [pending, archive])
  return [
    ...[paths.data, ...folders].flatMap((path) => inspectDataFolder(path, paths.data, ctx)),
    inspectSpace(paths.data, needed),
    ...(await inspectTemporaryFolders(folders, ctx)),
    ...inspectHookLog(`${paths.data}/hook.log`, ctx.now),
  ]
}

function inspectDataFolder(path: string, data: string, ctx: RunContext): readonly Finding[] {
  const { kind, mode, owner, writable } = inspectDir(path)
  const elsewhere = "use another folder: --data-dir, or data_dir in the config file"
  if (kind === "other") return [broken("data", `${path} is not a folder`, elsewhere)]
  if (!writable) return [broken("data", `cannot write to ${path}`, elsewhere)]
  if (kind === "missing") return path === data ? [ok("data", `${path}: made by the first export`)] : []
  if (owner !== ctx.self.uid && ctx.self.uid !== 0)
    return [broken("data", `${path} belongs to another user`, elsewhere)]
  if (path !== data && (mode & 0o002) !== 0)
    return [
      broken(
        "data",
        `any user can write to ${path}: exports are refused there`,
        `chmod 700 ${singleQuote(path)}`,
      ),
    ]
  if (path !== data && (mode & 0o077) !== 0)
    return [
      advice(
        "data",
        `${path} can be read by others (mode ${mode.toString(8)})`,
        `chmod 700 ${singleQuote(path)}`,
      ),
    ]
  return [ok("data", `${path}`)]
}

function inspectSpace(data: string, needed: number): Finding {
  const { freeBytes } = inspectDir(data)
  if (freeBytes === null) return advice("data", `free space of ${data} is unknown`, "see df")
  const says = `${formatRoughSize(freeBytes)} free; the sessions at risk take ${formatRoughSize(needed)}`
  return freeBytes < Math.max(minFreeBytes, 2 * needed)
    ? advice("data", says, "free some space, run session-rescue prune, or use --data-dir on another disk")
    : ok("data", says)
}

const temporaryName = /^\..+\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.(tmp|pruned|gone)$/

/** Of sessions that are gone, too: nobody will ever export those again and sweep them. */
async function inspectTemporaryFolders(
  folders: readonly string[],
  ctx: RunContext,
): Promise<readonly Finding[]> {
  const left: string[] = []
  for (const folder of folders) {
    for (const name of ctx.files.names(folder)) {
      const owner = typeof name === "string" ? temporaryName.exec(name)?.[1] : undefined
      if (owner !== undefined && (await hasOwnerExited(owner))) left.push(`${folder}/${name}`)
    }
  }
  const [first] = left
  if (first === undefined) return [ok("leftovers", "no unfinished runs")]
  const says = `${countNoun(left.length, "folder")} left by interrupted runs: ${left.slice(0, 3).join(", ")}`
  const next = `the next export of that session removes it; if the session no longer exists, it may be the last copy: ls -lR ${singleQuote(first)}`
  return [advice("leftovers", says, next)]
}

/** The last word of the hooks, if it was a bad one and is fresh. */
function inspectHookLog(path: string, now: number): readonly Finding[] {
  let last: string | undefined
  try {
    last = readTextFile(path)
      ?.trimEnd()
      .split("\n")
      .findLast((line) => !line.includes(" note: "))
  } catch {
    return [advice("hooks", `${path} cannot be read`, `ls -l ${singleQuote(path)}`)]
  }
  if (last === undefined) return []
  const at = Date.parse(last.slice(0, 24))
  return last.includes(" failed: ") && now - at < hookFailureMaxAgeMs
    ? [advice("hooks", `the last hook failed: ${last}`, `tail ${singleQuote(path)}`)]
    : [ok("hooks", `last: ${last.slice(0, 120)}`)]
}
