/** A home of the real OpenCode, whose API is a stand-in on loopback. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { type AgentHome, openAgentHome } from "./agent-home.ts"
import { type ChatApi, startChatApi } from "./chat-api.ts"
import { installAgent } from "./install-agent.ts"

export const opencodeVersion = "1.18.33"
const launcher = await installAgent("opencode-ai", opencodeVersion, "opencode")
/** The program of the platform: what stands in its place in the launcher's package is put there by an install script. */
const platform = `opencode-${process.platform}-${process.arch}`
const found = launcher === null ? "" : join(launcher, "../..", platform, "bin/opencode")
/** null where it cannot be had. */
export const opencodeProgram = existsSync(found) ? found : null

export interface OpencodeHome {
  readonly api: ChatApi
  readonly its: AgentHome
  close(): Promise<void>
}

export async function openOpencodeHome(folders: readonly string[]): Promise<OpencodeHome> {
  const api = startChatApi()
  const files = () => ({ ".config/opencode/opencode.json": config(api.url) })
  const settings = { OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1" }
  const its = await openAgentHome(opencodeProgram ?? "", "opencode", folders, files, settings)
  const close = async () => {
    await its.close()
    api.close()
  }
  return { api, its, close }
}

const config = (url: string) =>
  JSON.stringify({
    ...{ model: "mock/mock-model", small_model: "mock/mock-model", autoupdate: false, share: "disabled" },
    permission: { bash: { "*": "allow", "touch *": "ask" } },
    provider: {
      mock: {
        ...{ npm: "@ai-sdk/openai-compatible", name: "mock" },
        options: { baseURL: url, apiKey: "not-a-real-key", timeout: false },
        models: {
          "mock-model": { name: "mock-model", tool_call: true, limit: { context: 200_000, output: 8000 } },
        },
      },
    },
  })
