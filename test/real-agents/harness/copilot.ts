/** A home of the real Copilot CLI, whose API is a stand-in on loopback. */
import { join } from "node:path"
import { type AgentHome, openAgentHome } from "./agent-home.ts"
import { type ChatApi, startChatApi } from "./chat-api.ts"
import { installAgent } from "./install-agent.ts"

export const copilotVersion = "1.0.102"
/** null where it cannot be had. */
export const copilotProgram = await installAgent("@github/copilot", copilotVersion, "copilot")

export interface CopilotHome {
  readonly api: ChatApi
  readonly its: AgentHome
  close(): Promise<void>
}

export async function openCopilotHome(folders: readonly string[]): Promise<CopilotHome> {
  const api = startChatApi()
  const trusted = (root: string) => folders.map((name) => join(root, "work", name))
  const files = (root: string) => ({
    ".copilot/config.json": JSON.stringify({ trustedFolders: trusted(root) }),
  })
  const variables = {
    ...{ COPILOT_PROVIDER_BASE_URL: api.url, COPILOT_PROVIDER_API_KEY: "not-a-real-key" },
    ...{ COPILOT_MODEL: "mock-model", COPILOT_OFFLINE: "true", COPILOT_AUTO_UPDATE: "false" },
  }
  const its = await openAgentHome(copilotProgram ?? "", "copilot", folders, files, variables)
  const close = async () => {
    await its.close()
    api.close()
  }
  return { api, its, close }
}
