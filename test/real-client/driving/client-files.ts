import { existsSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** What the client itself says of a process, in sessions/PID.json (from 2.1). */
export interface Registered {
  pid: number
  sessionId: string
  cwd: string
  name?: string
  status?: "idle" | "busy" | "waiting" | "shell"
}

export function registered(home: string, pid: number): Registered | undefined {
  try {
    return JSON.parse(readFileSync(join(home, ".claude/sessions", `${pid}.json`), "utf8")) as Registered
  } catch {
    return undefined // not there yet, gone already, or half written
  }
}

/** The folder of a working directory's transcripts. */
export function projectFolder(home: string, cwd: string): string {
  return join(home, ".claude/projects", cwd.replace(/[^A-Za-z0-9]/g, "-"))
}

/** The transcript of that session, once there is one. */
export function transcriptOf(home: string, session: { sessionId: string; cwd: string }): string | undefined {
  const file = join(projectFolder(home, session.cwd), `${session.sessionId}.jsonl`)
  return existsSync(file) ? file : undefined
}

/** All transcripts of a working directory, without those of subagents (2.0 keeps them beside). */
export function transcriptsOf(home: string, cwd: string): string[] {
  return globSync(join(projectFolder(home, cwd), "????????-*.jsonl"))
}

/** The transcripts of the subagents of a working directory, wherever the version keeps them. */
export function subagentFiles(home: string, cwd: string): string[] {
  return globSync(join(projectFolder(home, cwd), "**/agent-*.jsonl"))
}
