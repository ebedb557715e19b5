import { type Context, existingHomes, namedHomes } from "session-rescue"

export const copilotHome = { homeVariable: "COPILOT_HOME", homeFolder: ".copilot" } as const

/** Its own home, and homes of the config that hold what only Copilot makes, whether they exist or not. */
export function copilotHomes(ctx: Context): string[] {
  return namedHomes(ctx, copilotHome, [sessionsFolder, "session-store.db"])
}

export function knownHomes(ctx: Context): string[] {
  return existingHomes(ctx, copilotHomes(ctx))
}

/** In a home: a folder for each session. */
export const sessionsFolder = "session-state"
