import { type Context, existingHomes } from "session-rescue"

/** `GEMINI_CLI_HOME` names the folder above the home (0.61.0, observed). Whether they exist or not. */
export function namedHomes(ctx: Context): string[] {
  const above = ctx.self.environment.GEMINI_CLI_HOME
  const named = [...(above?.startsWith("/") ? [homeBelow(above)] : []), homeBelow(ctx.paths.home)]
  const more = ctx.homes.filter((home) => isGeminiHome(ctx, home))
  return [...named, ...more].map((path) => path.replace(/\/+$/, ""))
}

export function homeBelow(folder: string): string {
  return `${folder.replace(/\/+$/, "")}/.gemini`
}

/** The existing homes; links to the same folder count once. */
export function knownHomes(ctx: Context): string[] {
  return existingHomes(ctx, namedHomes(ctx))
}

/** Homes of the config may be any agent's: only Gemini CLI makes these beside `tmp`. */
function isGeminiHome(ctx: Context, home: string): boolean {
  const isThere = (name: string) => ctx.files.stat(`${home}/${name}`) !== null
  return isThere("tmp") && ["projects.json", "trustedFolders.json", "google_accounts.json"].some(isThere)
}
