/** Agents of which the same is tried: where each is from, what its home needs, and how its window looks when it is ready. */
import { dirname } from "node:path"
import { installAgent } from "../harness/install-agent.ts"

export interface AgentUnderTest {
  readonly agent: string
  readonly version: string
  /** Its program; null where it cannot be had here. */
  readonly executable: string | null
  readonly program: string
  readonly start: string
  files(api: string): Readonly<Record<string, string>>
  variables(api: string): Readonly<Record<string, string>>
  readonly ready: RegExp
  /** A question that is answered with Enter, before the window is ready. */
  readonly asks?: RegExp
  /** In its home: what is deleted, and put back. */
  readonly store: string
}

const qwen = async (): Promise<AgentUnderTest> => ({
  agent: "qwen",
  version: "0.24.4",
  executable: await installAgent("@qwen-code/qwen-code", "0.24.4", "qwen"),
  ...{ program: "qwen", start: "qwen", ready: /Type your message/, store: ".qwen/projects" },
  files: () => ({
    ".qwen/settings.json": JSON.stringify({
      security: { auth: { selectedType: "openai" } },
      general: { enableAutoUpdate: false },
      privacy: { usageStatisticsEnabled: false },
      tools: { approvalMode: "default" },
      model: { name: "mock-model" },
    }),
  }),
  variables: (url) => ({
    ...{ OPENAI_API_KEY: "not-a-real-key", OPENAI_BASE_URL: url, OPENAI_MODEL: "mock-model" },
  }),
})

/** It needs a newer Node than many have: npm carries one. */
const kimi = async (): Promise<AgentUnderTest> => {
  const node = await installAgent(`node-${process.platform}-${process.arch}`, "24.9.0", "node")
  return {
    agent: "kimi",
    version: "2.1.0",
    executable: node === null ? null : await installAgent("@moonshot-ai/kimi-code", "2.1.0", "kimi"),
    ...{ program: "kimi", start: "kimi", ready: /context: 0/, asks: /trust/i, store: ".kimi-code/sessions" },
    files: () => ({ ".kimi-code/.keep": "" }),
    variables: (url) => ({
      ...{ PATH: dirname(node ?? ""), KIMI_CODE_NO_AUTO_UPDATE: "1", KIMI_MODEL_NAME: "mock-model" },
      ...{
        KIMI_MODEL_API_KEY: "not-a-real-key",
        KIMI_MODEL_PROVIDER_TYPE: "openai",
        KIMI_MODEL_BASE_URL: url,
      },
    }),
  }
}

const cline = async (): Promise<AgentUnderTest> => ({
  agent: "cline",
  version: "3.0.65",
  executable: await installAgent("cline", "3.0.65", "cline"),
  ...{ program: "cline", start: "cline -i", ready: /What can I do for you\?/, store: ".cline/data/sessions" },
  asks: /any other key to close/,
  files: (url) => {
    const settings = {
      provider: "openai-compatible",
      apiKey: "not-a-real-key",
      model: "mock-model",
      baseUrl: url,
    }
    const at = { updatedAt: "2026-11-28T00:00:00.000Z", tokenSource: "manual" }
    const providers = { "openai-compatible": { settings, ...at } }
    const all = { version: 1, lastUsedProvider: "openai-compatible", modes: {}, providers }
    return { ".cline/data/settings/providers.json": JSON.stringify(all) }
  },
  variables: () => ({}),
})

/** In CI the smallest of them: together they are 700 MB. */
export const agents = await Promise.all(process.env.CI ? [qwen()] : [qwen(), kimi(), cline()])
