/** The client's versions that are driven, and what each of them has: the one place where a test asks for it. */
export interface ClientVersion {
  readonly version: string
  /** What npm brings: a binary in a package per platform, or a Node script. */
  readonly ships: "binary" | "script"
  /** Keeps sessions/PID.json about itself while it runs. */
  readonly registry: boolean
  /** Has background sessions: `--bg`, a daemon, jobs/. */
  readonly background: boolean
  /** Appends a record to the transcript each time it sends a request again that got no answer. */
  readonly retryRecords: boolean
  /** Each answer's record names the model that the user chose, with its `[1m]`. */
  readonly requestedModel: boolean
  /** Decides by itself whether a tool may run; with `--permission-mode default` it asks the person. */
  readonly autoMode: boolean
  /** A client that starts or clears removes the registry files of those that were killed. */
  readonly sweepsRegistry: boolean
  /** The type of the record that it appends when it leaves, and that one which is killed lacks. */
  readonly exitRecord: "last-prompt" | "cost-state" | null
  /** The name of the tool that sends a subagent. */
  readonly subagentTool: "Agent" | "Task"
  /** Its `stop` says so in the job where the service was told to end, too; else `kill` cannot tell, and says that. */
  readonly marksStopped: boolean
  /** Told to end, it always ends its tools' trees; the others do so now and then. */
  readonly takesToolsAlong: boolean
  /** From which folder it finds the session that `--resume ID` names. */
  readonly resumesFrom: "anywhere" | "its own folder"
}

const script = {
  marksStopped: false,
  takesToolsAlong: false,
  ships: "script",
  registry: false,
  background: false,
  retryRecords: false,
  requestedModel: false,
  autoMode: false,
  sweepsRegistry: false,
  exitRecord: null,
  subagentTool: "Task",
  resumesFrom: "its own folder",
} as const

const binary = {
  ...script,
  ships: "binary",
  registry: true,
  background: true,
  sweepsRegistry: true,
  exitRecord: "last-prompt",
  subagentTool: "Agent",
} as const

const newer = { ...binary, sweepsRegistry: false, exitRecord: "cost-state", resumesFrom: "anywhere" } as const

/** Newest first. 2.1.230 was never published; 2.1.231 came instead, a day after 2.1.229. */
export const versions: readonly ClientVersion[] = [
  {
    version: "2.1.332",
    ...newer,
    retryRecords: true,
    requestedModel: true,
    autoMode: true,
    takesToolsAlong: true,
    marksStopped: true,
  },
  { version: "2.1.280", ...newer },
  { version: "2.1.231", ...binary, sweepsRegistry: false },
  { version: "2.1.197", ...binary },
  { version: "2.0.60", ...script },
  { version: "1.0.100", ...script },
]

/** What CI drives: the newest through both of its entries, the first that was supported, and a Node script. */
export const inCi = "2.1.332 2.1.332:npm 2.1.197 2.0.60"

/** That version. One that is not listed is taken to be as the newest listed one before it, else as the oldest. */
export function clientVersion(version: string): ClientVersion {
  const known = versions.find((each) => Bun.semver.order(each.version, version) <= 0) ?? versions.at(-1)
  if (known === undefined) throw new Error("no version is listed")
  return { ...known, version }
}
