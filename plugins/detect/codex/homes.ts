import type { Context } from "session-rescue"

/** Its own home, and homes of the config that hold what only Codex makes, whether they exist or not. */
export function namedHomes(ctx: Context): string[] {
  const own = ctx.self.environment.CODEX_HOME
  const named = [...(own?.startsWith("/") ? [own] : []), `${ctx.paths.home}/.codex`]
  const more = ctx.homes.filter((home) => isCodexHome(ctx, home))
  return [...named, ...more].map((path) => path.replace(/\/+$/, ""))
}

/** The existing homes; links to the same folder count once. */
export function knownHomes(ctx: Context): string[] {
  const seen = new Map<string, string>()
  for (const home of namedHomes(ctx)) {
    const real = ctx.files.real(home)
    if (real !== null && !seen.has(real)) seen.set(real, home)
  }
  return [...seen.values()]
}

function isCodexHome(ctx: Context, home: string): boolean {
  return ["thread-writer-locks", "archived_sessions"].some(
    (name) => ctx.files.stat(`${home}/${name}`) !== null,
  )
}
