/** A home of the real Codex, whose API is a stand-in on loopback. */
import { join } from "node:path"
import { type AgentHome, openAgentHome } from "./agent-home.ts"
import { installAgent } from "./install-agent.ts"
import { type ResponsesApi, startResponsesApi } from "./responses-api.ts"

export const codexVersion = "0.171.0"
/** null where it cannot be had. */
export const codexProgram = await installAgent("@openai/codex", codexVersion, "codex")

export interface CodexHome {
  readonly api: ResponsesApi
  readonly its: AgentHome
  close(): Promise<void>
}

export async function openCodexHome(folders: readonly string[]): Promise<CodexHome> {
  const api = startResponsesApi()
  const files = (root: string) => ({ ".codex/config.toml": config(api.url, root, folders) })
  const key = { MOCK_API_KEY: "not-a-real-key" }
  const its = await openAgentHome(codexProgram ?? "", "codex", folders, files, key)
  const close = async () => {
    await its.close()
    api.close()
  }
  return { api, its, close }
}

const config = (url: string, root: string, folders: readonly string[]) => `model = "mock-model"
model_provider = "mock"
model_context_window = 200000
check_for_update_on_startup = false # a comment of the user's
[model_providers.mock]
name = "mock"
base_url = "${url}"
env_key = "MOCK_API_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
stream_idle_timeout_ms = 86400000
[analytics]
enabled = false
${folders.map((name) => `[projects."${join(root, "work", name)}"]\ntrust_level = "trusted"`).join("\n")}
`
