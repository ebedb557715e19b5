import { type Context, existingHomes, namedHomes } from "session-rescue"

export const codexHome = { homeVariable: "CODEX_HOME", homeFolder: ".codex" } as const

/** Its own home, and homes of the config that hold what only Codex makes, whether they exist or not. */
export function codexHomes(ctx: Context): string[] {
  return namedHomes(ctx, codexHome, ["thread-writer-locks", "archived_sessions"])
}

/** The existing homes; links to the same folder count once. */
export function knownHomes(ctx: Context): string[] {
  return existingHomes(ctx, codexHomes(ctx))
}
