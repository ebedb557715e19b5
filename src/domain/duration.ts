const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export const day = 86_400_000

/** Parses `90s`, `10m`, `2h`, `7d` to milliseconds; null for other text. */
export function parseDuration(text: string): number | null {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/.exec(text.trim())
  return match === null ? null : Number(match[1]) * (units[match[2] ?? ""] ?? 0)
}

/** Formats a duration as one number, rounded down: `12 s`, `34 min`, `5 h`, `3 days`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}
