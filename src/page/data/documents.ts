/** What the server answers, as far as the page shows it. */
export interface About {
  readonly version: string
  readonly home: string
  readonly actions: boolean
}

export interface StatusRow {
  readonly id: string | null
  readonly agent: string
  readonly state: string
  readonly detail: string
  readonly need: string
  readonly saved: { readonly kind: string; readonly at: string | null }
  readonly pid: number | null
  readonly tty: string | null
  /** The pane, window or editor of a live one. */
  readonly place: { readonly name: string } | null
  readonly title: string | null
  readonly cwd: string | null
  readonly sizeBytes: number
  readonly lastActivity: string | null
  readonly model: string | null
  readonly contextPercent: number | null
  readonly purgeAt: string | null
}

export interface StatusDocument {
  readonly sessions: readonly StatusRow[]
  readonly notShown: number
}

export interface HitRow {
  readonly session: string
  readonly agent: string
  readonly project: string | null
  readonly title: string | null
  readonly subagent: string | null
  readonly time: string | null
  readonly role: string
  readonly kind: string
  readonly tool: string | null
  readonly snippet: string
  readonly marks: readonly (readonly [number, number])[]
  readonly source: { readonly document: string; readonly offset: number; readonly gone: boolean }
}

export interface SearchDocument {
  readonly hits: readonly HitRow[]
  readonly total: number
  readonly totalIsExact?: boolean
  /** `forms`, `most`: nothing has the words as they were typed. */
  readonly match?: "all" | "forms" | "most"
  readonly corrected?: readonly { readonly typed: string; readonly tried: string }[]
  /** `asOf` null: the index is still being made. */
  readonly index: { readonly asOf: string | null }
}

export interface FileRow {
  readonly document: string
  readonly name: string
  readonly form: "records" | "text"
  readonly size: number
  readonly offsets: readonly number[]
}

export interface TimelineDocument {
  readonly id: string
  readonly agent: string
  readonly title: string | null
  readonly where: string
  /** Every file of it is gone. */
  readonly isIndexOnly: boolean
  readonly files: readonly FileRow[]
}

export interface PromptsDocument {
  readonly prompts: readonly { readonly line: string; readonly offset: number }[]
}

export interface LinksDocument {
  readonly before: readonly string[]
  readonly after: readonly string[]
}

export interface TokenSum {
  readonly input: number
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
  readonly total: number
  readonly answers: number
}

export interface UsageDocument {
  readonly all: TokenSum
  readonly today: TokenSum | null
  readonly last7Days: TokenSum | null
  readonly days: readonly (TokenSum & { readonly day: string })[]
  readonly models: readonly (TokenSum & { readonly model: string | null })[]
  readonly projects: readonly (TokenSum & { readonly project: string | null })[]
}

export interface ExportRow {
  readonly id: string | null
  readonly state: string
  readonly name: string
  readonly title: string | null
  readonly cwd: string | null
  readonly bytes: number | null
  readonly exportedAt: string | null
  readonly verifiedAt: string | null
}

export interface ExportsDocument {
  readonly exports: readonly ExportRow[]
  readonly leftOff: number
}
