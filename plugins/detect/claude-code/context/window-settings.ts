import type { Context } from "session-rescue"
import { objectOf, readJson } from "../home/json.ts"

/** The variables by which a user changes the windows (2.1.197 to 2.1.332, read in the client's program). */
export const windowVariables = [
  "CLAUDE_CODE_DISABLE_1M_CONTEXT",
  "CLAUDE_CODE_MAX_CONTEXT_TOKENS",
  "DISABLE_COMPACT",
] as const

export interface WindowSettings {
  /** No model has more than the standard window. */
  readonly noLongWindow: boolean
  /** The window of models that the client does not know, in tokens. */
  readonly maxTokens: number | null
  /** With compaction disabled `maxTokens` is the window of every model. */
  readonly maxForAll: boolean
}

/**
 * The settings of a running client: the variables of its process, and those that `env` in its settings sets for itself,
 * which outweigh them.
 */
export function windowSettingsOf(
  ctx: Context,
  home: string,
  cwd: string | null,
  environment: Readonly<Record<string, string>>,
): WindowSettings {
  const project = cwd?.startsWith("/")
    ? [`${cwd}/.claude/settings.json`, `${cwd}/.claude/settings.local.json`]
    : []
  const values: Record<string, unknown> = { ...environment }
  for (const file of [`${home}/settings.json`, ...project]) {
    Object.assign(values, objectOf(readJson({ files: ctx.files.quiet }, file)?.env))
  }
  const max = Number(values.CLAUDE_CODE_MAX_CONTEXT_TOKENS)
  return {
    noLongWindow: isOn(values.CLAUDE_CODE_DISABLE_1M_CONTEXT),
    maxTokens: Number.isInteger(max) && max > 0 ? max : null,
    maxForAll: isOn(values.DISABLE_COMPACT),
  }
}

function isOn(value: unknown): boolean {
  return ["1", "true", "yes", "on"].includes(`${value ?? ""}`.trim().toLowerCase())
}
