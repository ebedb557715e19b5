import type { IndexSummary } from "../../domain/conversation/index-summary.ts"
import { type ErrorCode, RescueError } from "../../domain/errors.ts"
import type { Exported } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { readSavedExports } from "../../rescue/catalog/saved-exports.ts"
import type {
  ActContext,
  ArchivePlugin,
  ArchiveSource,
  ArchiveStaging,
  PostProcessContext,
} from "../../sdk/contracts.ts"
import { systemFiles } from "../../system/fs/files.ts"
import { runProgram } from "../../system/process/run-program.ts"
import {
  type FromWorker,
  maxSentLength,
  type Notice,
  type Outcome,
  truncateNotice,
  type WorkerFacts,
} from "../protocol/messages.ts"

interface CallScope {
  readonly key: string
  readonly context: number
  readonly options: Readonly<Record<string, unknown>>
}

/** A plugin's view of the machine from its worker process. */
export interface WorkerContext {
  perform(
    plugin: Readonly<Record<string, unknown>>,
    method: string,
    args: readonly unknown[],
    asked: CallScope,
  ): Promise<unknown>
  settle(request: number, outcome: Outcome): void
  abort(): void
}

type Method = (...args: unknown[]) => unknown

/** Reads an export into the index of a data folder. */
export type IndexExported = (
  exported: Exported,
  data: string,
  warn: (message: string) => void,
  signal: AbortSignal,
) => Promise<IndexSummary>

/** Files are read in the worker; every other request goes to the parent process. */
export function createWorkerContext(
  facts: WorkerFacts,
  indexExported: IndexExported,
  tell: (message: FromWorker) => void,
): WorkerContext {
  const stop = new AbortController()
  const waiting = new Map<number, (outcome: Outcome) => void>()
  const contexts = new Map<string, ActContext>()
  let requests = 0
  let saved: ReturnType<typeof readSavedExports> | null = null

  function request({ context }: CallScope, method: string, ...args: unknown[]): Promise<unknown> {
    const number = ++requests
    return new Promise((resolve, reject) => {
      waiting.set(number, (outcome) => (outcome.ok ? resolve(outcome.value) : reject(errorOf(outcome))))
      tell({ kind: "request", request: number, context, method, args })
    })
  }
  const say = ({ context, key }: CallScope, saying: Notice) =>
    tell({ kind: "says", context, key, saying: truncateNotice(saying, maxSentLength) })
  const filesFor = (asked: CallScope) =>
    systemFiles((path, error) =>
      say(asked, {
        what: "trouble",
        path,
        code: (error as NodeJS.ErrnoException).code,
        message: error.message,
      }),
    )

  function contextFor(asked: CallScope): ActContext {
    const known = contexts.get(`${asked.context} ${asked.key}`)
    if (known !== undefined) return known
    const ask = <T>(method: string) => ((...args: unknown[]) => request(asked, method, ...args) as T) as never
    const made: ActContext = {
      files: filesFor(asked),
      processes: { list: ask("list"), details: ask("details"), probe: ask("probe") },
      unreadInput: ask("unreadInput"),
      savedExports(id) {
        saved ??= readSavedExports(facts.pending, facts.archive)
        return saved.of(id)
      },
      self: { ...facts.self, environment: { ...process.env } as Record<string, string> },
      paths: facts.paths,
      homes: facts.homes,
      options: asked.options,
      now: facts.now,
      hungAfterMs: facts.hungAfterMs,
      resample: ask("resample"),
      resampleLater: ask("resampleLater"),
      warn: (message) => say(asked, { what: "warn", message: String(message) }),
      reject: (pid, why) => say(asked, { what: "reject", pid, why: String(why) }),
      reportHelper: (process) => say(asked, { what: "helper", process }),
      cache: new Map(),
      signal: stop.signal,
      save: ask("save"),
    }
    contexts.set(`${asked.context} ${asked.key}`, made)
    return made
  }

  function processing(asked: CallScope): PostProcessContext {
    return {
      files: filesFor(asked),
      log: (message) => say(asked, { what: "log", message: String(message) }),
      run: (program, options = {}) => runProgram(program, { ...options, signal: stop.signal }),
      paths: facts.paths,
      options: asked.options,
      index: (exported) =>
        indexExported(
          exported,
          facts.paths.data,
          (message) => say(asked, { what: "warn", message }),
          stop.signal,
        ),
      signal: stop.signal,
    }
  }

  function staging(asked: CallScope): ArchiveStaging {
    return {
      create(name) {
        const created = request(asked, "create", name)
        created.catch(() => {}) // the rejection surfaces at the next operation on the file
        return {
          async add(bytes) {
            await created
            await request(asked, "add", name, bytes)
          },
          async end() {
            await created
            await request(asked, "end", name)
          },
        }
      },
      keep: (name, path) => request(asked, "keep", name, path) as Promise<void>,
    }
  }

  async function read(
    plugin: ArchivePlugin,
    file: ManifestFile,
    from: number,
    lengths: Record<string, number>,
    asked: CallScope,
  ) {
    const source: ArchiveSource = {
      names: () => Object.keys(lengths),
      length(name) {
        const length = lengths[name]
        if (length === undefined) throw new Error(`the archive has no file ${name}`)
        return length
      },
      read: (name, offset, length) => request(asked, "read", name, offset, length) as Promise<Uint8Array>,
    }
    for await (const bytes of plugin.open(source, file, from)) {
      if ((await request(asked, "take", bytes)) === false) break
    }
    return true
  }

  return {
    async perform(plugin, method, args, asked) {
      const call = plugin[method] as Method
      switch (method) {
        case "run":
          return call.call(plugin, ...args, processing(asked))
        case "store":
          await call.call(plugin, args[0] as Exported, staging(asked), processing(asked))
          return true
        case "open": {
          const [file, from, lengths] = args as [ManifestFile, number, Record<string, number>]
          return read(plugin as never, file, from, lengths, asked)
        }
        default:
          return call.call(plugin, ...args, contextFor(asked))
      }
    },
    settle(number, outcome) {
      waiting.get(number)?.(outcome)
      waiting.delete(number)
    },
    abort: () => stop.abort(),
  }
}

function errorOf(outcome: Extract<Outcome, { ok: false }>): Error {
  if (outcome.code === undefined) return new Error(outcome.message)
  return new RescueError(outcome.code as ErrorCode, outcome.message, outcome.hint ?? "")
}
