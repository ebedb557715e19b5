import { type Context, existingHomes } from "session-rescue"

/** Its own home, and homes of the config that hold what only OpenCode makes, whether they exist or not. */
export function namedHomes(ctx: Context): string[] {
  const own = ctx.self.environment.XDG_DATA_HOME
  const named = [
    ...(own?.startsWith("/") ? [`${own}/opencode`] : []),
    `${ctx.paths.home}/.local/share/opencode`,
  ]
  const more = ctx.homes.filter((home) => databaseNames(ctx, home).length > 0 || hasTree(ctx, home))
  return [...named, ...more].map((path) => path.replace(/\/+/g, "/").replace(/\/$/, ""))
}

/** The existing homes; links to the same folder count once. */
export function knownHomes(ctx: Context): string[] {
  return existingHomes(ctx, namedHomes(ctx))
}

/** `opencode.db`, and beside it `opencode-CHANNEL.db` of a client of another channel (public: opencode#2987). */
export function databaseNames(ctx: Context, home: string): readonly string[] {
  return ctx.files
    .names(home)
    .filter(
      (name): name is string => typeof name === "string" && /^opencode(-[A-Za-z0-9._-]+)?\.db$/.test(name),
    )
    .toSorted()
}

function hasTree(ctx: Context, home: string): boolean {
  return ctx.files.stat(`${home}/storage/session`)?.kind === "folder"
}
