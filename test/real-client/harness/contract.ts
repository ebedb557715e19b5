/** The JSON the product promises, as the tests read it. */
export interface SessionEntry {
  id: string | null
  agent: string
  state: "CURRENT" | "ACTIVE" | "HUNG" | "ORPHANED" | "COMPLETED"
  detail: string
  flags: string[]
  evidence: { signal: string; message: string; says: string }[]
  pid: number | null
  tty: string | null
  home: string
  cwd: string | null
  title: string | null
  gitBranch: string | null
  version: string | null
  transcript: string | null
  sizeBytes: number
  footprintFiles: number
  lastActivity: string | null
  waitingSince: string | null
  startedAt: string | null
  contextTokens: number | null
  mode: "interactive" | "headless" | "program" | "background" | null
  background: {
    name: string
    held: boolean
    job: string | null
    service: number | null
    host: number | null
  } | null
  candidates: { id: string; transcript: string }[]
}

export interface StatusDocument {
  schemaVersion: 1
  generatedAt: string
  sessions: SessionEntry[]
  services: {
    agent: string
    home: string
    pid: number | null
    sessions: number
    helpers: { pid: number; tty: string | null; role: string; says: string; holds: string[] }[]
  }[]
  warnings: unknown[]
}

export interface ExportEntry {
  id: string | null
  status: "verified" | "unchanged" | "unconfirmed" | "empty"
  path: string | null
  manifest: string | null
  bytes: number
  sha256: string | null
  files: number
}

export interface ExportDocument {
  schemaVersion: 1
  exports: ExportEntry[]
  failures: { id: string | null; code: string; message: string; hint: string }[]
}

export interface KillEntry {
  id: string | null
  pid: number
  outcome: "ended" | "killed" | "still-alive" | "refused" | "failed" | "restarted" | "would-end"
  reason: string | null
  export: ExportEntry | null
  exports: ExportEntry[]
  exportsAfter: ExportEntry[]
  companions: { id: string | null; pid: number; ended: boolean }[]
  survivors: { pid: number; command: string }[]
  terminal: "reset" | "manual" | null
}

export interface KillDocument {
  schemaVersion: 1
  kills: KillEntry[]
}

export interface ResumeDocument {
  schemaVersion: 1
  resumes: {
    id: string
    state: string
    command: string | null
    reason: string | null
    cwd: string | null
  }[]
}

export interface Manifest {
  formatVersion: 2
  session: { id: string }
  files: {
    role: "transcript" | "footprint"
    source: string
    path: string
    length: number
    sha256: string
  }[]
}
