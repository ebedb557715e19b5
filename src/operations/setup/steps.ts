/** One thing that setup did, or in a dry run would do. */
export interface SetupStep {
  readonly what:
    | "command"
    | "hooks"
    | "mcp"
    | "skill"
    | "completion"
    | "watcher"
    | "backup"
    | "binary"
    | "path"
    | "data"
  /** What a person calls it: `/cx`, `PreCompact, SessionEnd`. */
  readonly name: string
  readonly path: string
  /** `kept`: it is not ours to change, and `why` says so. `failed`: it was to be done and could not. */
  readonly action: "written" | "updated" | "unchanged" | "removed" | "absent" | "kept" | "failed"
  readonly why: string | null
  /** The lines that go and come, where a file of others is changed. */
  readonly change?: readonly string[]
}

export interface SetupFacts {
  /** The client homes it is done in. */
  readonly homes: readonly string[]
  /** How a client's shell calls this program. */
  readonly program: string
  readonly remove: boolean
  readonly dryRun: boolean
}

/** Whether a step left undone what was asked for. */
export function isUndone(step: SetupStep): boolean {
  return step.action === "failed" || step.action === "kept"
}

export function errorText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}
