import type { JsonServers } from "../../domain/client-config/mcp-servers.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { homeIn } from "../../sdk/homes.ts"
import { ownClientHomes } from "./homes.ts"

/** Where an agent's client reads what its user has set up for every project. */
export interface SetupAgent {
  readonly agent: string
  readonly servers: ServersFile
  /** The folder of its skills: `NAME/SKILL.md`. */
  readonly skills: string
  /** Its hooks, where they have the shape of Claude Code's and are in a file of their own. */
  readonly hooks?: string
}

export type ServersFile =
  | { readonly path: string; readonly format: "toml" }
  | {
      readonly path: string
      readonly format: "json"
      readonly where: JsonServers
      entry(program: string): object
    }

const stdio = (program: string) => ({ command: program, args: ["mcp"] })
const plain: JsonServers = { key: "mcpServers", comments: false }

/** The agents that were started here once: their folders exist. A missing client is not set up. */
export function setupAgents(ctx: RunContext): readonly SetupAgent[] {
  const environment = { ...ctx.self.environment, HOME: ctx.paths.home }
  const named = (homeVariable: string, homeFolder: string) =>
    homeIn(environment, { homeVariable, homeFolder }, ctx.paths.home)
  const exists = (folder: string) => ctx.files.quiet.stat(folder)?.kind === "folder"
  const whereFound = (folder: string, make: (home: string) => SetupAgent) =>
    exists(folder) ? [make(folder)] : []
  return [
    ...ownClientHomes(ctx).map((home) => claudeCode(home, ctx)),
    ...whereFound(named("CODEX_HOME", ".codex"), (home) => ({
      agent: "codex", // 0.171.0, observed
      servers: { path: `${home}/config.toml`, format: "toml" },
      skills: `${home}/skills`,
      hooks: `${home}/hooks.json`,
    })),
    ...whereFound(`${named("GEMINI_CLI_HOME", "")}/.gemini`, (home) => ({
      agent: "gemini", // its documentation: geminicli.com/docs
      servers: settingsFile(`${home}/settings.json`),
      skills: `${home}/skills`,
    })),
    ...openCode(ctx, named, exists),
    ...whereFound(named("COPILOT_HOME", ".copilot"), (home) => ({
      agent: "copilot", // its documentation: docs.github.com/copilot
      servers: {
        path: `${home}/mcp-config.json`,
        format: "json",
        where: plain,
        entry: (program) => ({ type: "local", ...stdio(program), tools: ["*"] }),
      },
      skills: `${home}/skills`,
    })),
    ...whereFound(named("QWEN_HOME", ".qwen"), (home) => ({
      agent: "qwen", // its documentation: qwenlm.github.io/qwen-code-docs
      servers: settingsFile(`${home}/settings.json`),
      skills: `${home}/skills`,
    })),
    ...whereFound(named("KIMI_CODE_HOME", ".kimi-code"), (home) => ({
      agent: "kimi", // its documentation: moonshotai.github.io/kimi-code
      servers: { path: `${home}/mcp.json`, format: "json", where: plain, entry: stdio },
      skills: `${home}/skills`,
    })),
  ]
}

function settingsFile(path: string): ServersFile {
  return { path, format: "json", where: { key: "mcpServers", comments: true }, entry: stdio }
}

/** Servers of every project are in `.claude.json`: in the home that the environment names, else beside the default one. */
function claudeCode(home: string, { files, paths, self }: RunContext): SetupAgent {
  const named = self.environment.CLAUDE_CONFIG_DIR?.replace(/\/+$/, "")
  const beside = home === `${paths.home}/.claude` && named !== home
  const older = `${home}/.config.json`
  const path = files.quiet.stat(older)?.kind === "file" ? older : `${beside ? paths.home : home}/.claude.json`
  const entry = (program: string) => ({ type: "stdio", ...stdio(program), env: {} })
  return {
    agent: "claude-code",
    servers: { path, format: "json", where: plain, entry },
    skills: `${home}/skills`,
  }
}

/** Its documentation: opencode.ai/docs. */
function openCode(
  { files }: RunContext,
  named: (homeVariable: string, homeFolder: string) => string,
  exists: (folder: string) => boolean,
): readonly SetupAgent[] {
  const config = `${named("XDG_CONFIG_HOME", ".config")}/opencode`
  const data = `${named("XDG_DATA_HOME", ".local/share")}/opencode`
  if (!exists(config) && !exists(data)) return []
  const names = ["opencode.jsonc", "opencode.json", "config.json"]
  const there = names.find((name) => files.quiet.stat(`${config}/${name}`)?.kind === "file")
  return [
    {
      agent: "opencode",
      servers: {
        path: `${config}/${there ?? "opencode.json"}`,
        format: "json",
        where: { key: "mcp", comments: true },
        entry: (program) => ({ type: "local", command: [program, "mcp"], enabled: true }),
      },
      skills: `${config}/skills`,
    },
  ]
}
