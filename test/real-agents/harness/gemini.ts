/** A home of the real Gemini CLI, whose API is a stand-in on loopback. */
import { readdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"
import { type AgentHome, openAgentHome } from "./agent-home.ts"
import { type GeminiApi, startGeminiApi } from "./gemini-api.ts"
import { installAgent } from "./install-agent.ts"

export const geminiVersion = "0.61.0"
/** null where it cannot be had. */
export const geminiProgram = await installAgent("@google/gemini-cli", geminiVersion, "gemini")

const settings = {
  security: { auth: { selectedType: "gemini-api-key" } },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  privacy: { usageStatisticsEnabled: false },
  model: { name: "gemini-2.5-pro" },
}

export interface GeminiHome {
  readonly api: GeminiApi
  readonly its: AgentHome
  say(terminal: Terminal, text: string): Promise<void>
  /** Starts a client in a new terminal, and waits until it takes a prompt. */
  start(command: string, folder: string): Promise<Terminal>
  close(): Promise<void>
}

export async function openGeminiHome(folders: readonly string[]): Promise<GeminiHome> {
  const api = startGeminiApi()
  const files = (root: string) => ({
    ".gemini/settings.json": JSON.stringify(settings),
    ".gemini/trustedFolders.json": JSON.stringify(
      Object.fromEntries(folders.map((name) => [join(root, "work", name), "TRUST_FOLDER"])),
    ),
  })
  const variables = { GEMINI_API_KEY: "not-a-real-key", GOOGLE_GEMINI_BASE_URL: api.url }
  const its = await openAgentHome(geminiProgram ?? "", "gemini", folders, files, variables)
  return {
    api,
    its,
    async say(terminal, text) {
      const before = api.asked
      await terminal.type(text)
      await Bun.sleep(700) // an Enter right behind typed text counts as a part of what is pasted
      await terminal.pressUntil("it to be asked", () => api.asked > before)
    },
    async start(command, folder) {
      const terminal = await its.terminal(folder)
      await terminal.line(command)
      await until("it to take a prompt", () => terminal.screen().includes("Type your message"), {
        show: terminal.screen,
        withinMs: 90_000,
      })
      return terminal
    },
    async close() {
      await its.close()
      api.close()
    },
  }
}

/** The name of a file has the minute: a resume within the same one writes to the same file (0.61.0, observed). */
export function makeDayOlder(chats: string): void {
  const [name = "", ...more] = readdirSync(chats).filter((each) => each.startsWith("session-"))
  if (more.length > 0) throw new Error(`more than one chat: ${more.join(", ")}`)
  const before = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  renameSync(join(chats, name), join(chats, name.replace(/^session-\d{4}-\d\d-\d\d/, `session-${before}`)))
}
