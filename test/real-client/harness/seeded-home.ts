import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { apiKey } from "./environment.ts"

/** A throw-away folder with `home/`, in which the client has been set up and trusts each of `folders`. */
export function seedHome(folderNames: string[]): { root: string; home: string } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "rescue-")))
  const home = join(root, "home")
  seedInto(
    home,
    folderNames.map((name) => join(root, "work", name)),
  )
  return { root, home }
}

/** Makes `home` one in which no question of the client waits for a person. */
export function seedInto(home: string, folders: string[]): void {
  mkdirSync(home, { recursive: true })
  const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true, allowedTools: [] }
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  const settings = {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: "9.9.9",
    theme: "dark",
    customApiKeyResponses: { approved: [apiKey], rejected: [] },
    projects: Object.fromEntries(folders.map((folder) => [folder, trusted])),
  }
  writeFileSync(join(home, ".claude.json"), JSON.stringify(settings))
}
