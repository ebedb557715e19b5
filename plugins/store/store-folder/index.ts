/** Keeps a team's archive in a folder that may be on a network disk. */
import { definePlugin, RescueError, type SharedFolder, type StoreContext } from "session-rescue"

/** Proves that the folder is the mounted one: where nothing is mounted, an empty folder would take its place. */
const mark = ".session-rescue-store"

export default definePlugin({
  name: "store-folder",
  stage: "store",
  options: { folder: "string" },
  async put(name, object, ctx) {
    const folder = folderOf(ctx)
    return folder.create(name, object).catch((error) => {
      throw toStoreError(error, `${name} could not be written`)
    })
  },
  async *open(name, from, ctx) {
    const folder = folderOf(ctx)
    try {
      yield* folder.read(name, from)
    } catch (error) {
      throw toStoreError(error, `${name} could not be read`)
    }
  },
  async *list(prefix, ctx) {
    const folder = folderOf(ctx)
    const top = prefix.slice(0, prefix.lastIndexOf("/") + 1).replace(/\/$/, "")
    try {
      for await (const names of folder.names(top))
        yield names.flatMap((name) => {
          const length = name.startsWith(prefix) ? folder.length(name) : null
          return length === null ? [] : [{ name, length, sha256: null }]
        })
    } catch (error) {
      throw toStoreError(error, `${prefix} could not be listed`)
    }
  },
  async head(name, ctx) {
    const folder = folderOf(ctx)
    try {
      const length = folder.length(name)
      return length === null ? null : { name, length, sha256: null }
    } catch (error) {
      throw toStoreError(error, `${name} could not be examined`)
    }
  },
  async remove(name, ctx) {
    const folder = folderOf(ctx)
    try {
      folder.remove(name)
    } catch (error) {
      throw toStoreError(error, `${name} could not be removed`)
    }
  },
})

function folderOf(ctx: StoreContext): SharedFolder {
  const { folder } = ctx.options
  if (typeof folder !== "string" || !folder.startsWith("/"))
    throw new RescueError(
      "STORE_REFUSED",
      "the team's store has no folder",
      'set folder = "/mnt/team" under [team.store] in config.toml',
    )
  const shared = ctx.sharedFolder(folder)
  // safety: shared-mounted
  if (!shared.exists(mark))
    throw new RescueError(
      "STORE_UNAVAILABLE",
      `${folder} is not the team's folder now: ${folder}/${mark} is not there`,
      `mount it; if it is mounted and new: touch ${folder}/${mark}`,
    )
  return shared
}

const refused = ["EACCES", "EPERM", "EROFS"]
const later = [
  "EIO",
  "ENOSPC",
  "EDQUOT",
  "ESTALE",
  "ETIMEDOUT",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENOTCONN",
  "ENODEV",
]

function toStoreError(error: unknown, what: string): unknown {
  const { code, message } = (error ?? {}) as { code?: string; message?: string }
  if (error instanceof RescueError) return error
  if (code === "ENOENT")
    return new RescueError("DAMAGED", `${what}: it is not there`, "nothing here was changed")
  if (code !== undefined && refused.includes(code))
    return new RescueError(
      "STORE_REFUSED",
      `${what}: ${code}`,
      "ask who owns the folder for the right to write below it",
    )
  if (code !== undefined && later.includes(code))
    return new RescueError("STORE_UNAVAILABLE", `${what}: ${code}`, "nothing is lost; run it again later")
  return new RescueError(
    "PLUGIN_FAILED",
    `${what}: ${message ?? error}`,
    "nothing is lost here; run it again",
  )
}
