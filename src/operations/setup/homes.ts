import type { RunContext } from "../../pipeline/run-context.ts"

/** This user's own client homes that exist: the one the environment names, the default, those of the config file. */
export function ownClientHomes(ctx: RunContext): readonly string[] {
  const named = ctx.self.environment.CLAUDE_CONFIG_DIR
  const homes = [...(named?.startsWith("/") ? [named] : []), `${ctx.paths.home}/.claude`, ...ctx.homes]
  const seen = new Map<string, string>()
  for (const home of homes.map((path) => path.replace(/\/+$/, ""))) {
    const real = ctx.files.real(home)
    if (real !== null && ctx.files.stat(real)?.kind === "folder" && !seen.has(real)) seen.set(real, home)
  }
  return [...seen.values()]
}
