import type { Context } from "session-rescue"
import { objectOf, readJson } from "../home/json.ts"

/** The variables by which a user changes the windows (2.1.197 to 2.1.332, read in the client's program). */
export const windowVariables = [
  "CLAUDE_CODE_DISABLE_1M_CONTEXT",
  "CLAUDE_CODE_MAX_CONTEXT_TOKENS",
  "CLAUDE_CODE_AUTO_COMPACT_WINDOW",
  "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE",
  "DISABLE_COMPACT",
  "DISABLE_AUTO_COMPACT",
] as const

export interface WindowSettings {
  /** No model has more than the standard window. */
  readonly noLongWindow: boolean
  /** The window of models that the client does not know, in tokens. */
  readonly maxTokens: number | null
  /** With compaction disabled `maxTokens` is the window of every model. */
  readonly maxForAll: boolean
  /** The window within which it compacts by itself, in tokens; null when none is set. */
  readonly compactWindow: number | null
  /** At which share of that window, less the room for a summary, it compacts at the latest; null when none is set. */
  readonly compactShare: number | null
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
  let compactWindow: number | null = null
  for (const file of [`${home}/settings.json`, ...project]) {
    const settings = readJson({ files: ctx.files.quiet }, file)
    Object.assign(values, objectOf(settings?.env))
    compactWindow = tokensIn(settings?.autoCompactWindow) ?? compactWindow
  }
  const percent = Number.parseFloat(`${values.CLAUDE_AUTOCOMPACT_PCT_OVERRIDE ?? ""}`)
  const isOff = isOn(values.DISABLE_COMPACT) || isOn(values.DISABLE_AUTO_COMPACT)
  return {
    noLongWindow: isOn(values.CLAUDE_CODE_DISABLE_1M_CONTEXT),
    maxTokens: tokensIn(values.CLAUDE_CODE_MAX_CONTEXT_TOKENS),
    maxForAll: isOn(values.DISABLE_COMPACT),
    compactWindow: isOff ? null : (tokensIn(values.CLAUDE_CODE_AUTO_COMPACT_WINDOW) ?? compactWindow),
    compactShare: percent > 0 && percent <= 100 ? percent / 100 : null,
  }
}

/** null for anything but a whole number above 0, which the client ignores too. */
function tokensIn(value: unknown): number | null {
  const tokens = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN
  return Number.isInteger(tokens) && tokens > 0 ? tokens : null
}

function isOn(value: unknown): boolean {
  return ["1", "true", "yes", "on"].includes(`${value ?? ""}`.trim().toLowerCase())
}
