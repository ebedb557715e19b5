import type { IndexSummary } from "../../domain/conversation/index-summary.ts"
import type { RecordedMessage } from "../../domain/cusf/recorded-message.ts"
import { type ErrorCode, RescueError } from "../../domain/errors.ts"
import type { Exported } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type {
  ActContext,
  ArchivePlugin,
  ArchiveSource,
  ArchiveStaging,
  PostProcessContext,
} from "../../sdk/contracts.ts"
import { systemFiles } from "../../system/fs/files.ts"
import { runProgram } from "../../system/process/run-program.ts"
import { writeWholeFile } from "../../system/writing/whole-file.ts"
import {
  type FromWorker,
  maxSentLength,
  type Notice,
  type Outcome,
  truncateNotice,
  type WorkerFacts,
} from "../protocol/messages.ts"
import { performSink } from "./sink-calls.ts"
import { performStore } from "./store-calls.ts"

interface CallScope {
  readonly key: string
  readonly context: number
  readonly options: Readonly<Record<string, unknown>>
}

type Method = (...args: unknown[]) => unknown

/** What the layers above read for a plugin. */
export interface WorkerReaders {
  /** Reads an export into the index of a data folder. */
  index(
    exported: Exported,
    data: string,
    warn: (message: string) => void,
    signal: AbortSignal,
  ): Promise<IndexSummary>
  messages(exported: Exported, signal: AbortSignal): AsyncIterable<RecordedMessage>
}

/** A plugin's view of the machine from its worker process: files are read in it, every other request goes to the parent. */
export class WorkerContext {
  readonly #facts: WorkerFacts
  readonly #readers: WorkerReaders
  readonly #send: (message: FromWorker) => void
  readonly #stop = new AbortController()
  readonly #pending = new Map<number, (outcome: Outcome) => void>()
  readonly #contexts = new Map<string, ActContext>()
  #requests = 0
  #saved: ReturnType<typeof readEverySaved> | null = null

  constructor(facts: WorkerFacts, readers: WorkerReaders, send: (message: FromWorker) => void) {
    this.#facts = facts
    this.#readers = readers
    this.#send = send
  }

  async perform(
    plugin: Readonly<Record<string, unknown>>,
    method: string,
    args: readonly unknown[],
    scope: CallScope,
  ): Promise<unknown> {
    if (plugin.stage === "sink")
      return performSink(plugin as never, { method, args }, this.#postProcessContext(scope))
    if (plugin.stage === "store") {
      const request = (what: string, ...more: unknown[]) => this.#request(scope, what, ...more)
      return performStore(plugin as never, { method, args, request }, this.#postProcessContext(scope))
    }
    const call = plugin[method] as Method
    switch (method) {
      case "run":
        return call.call(plugin, ...args, this.#postProcessContext(scope))
      case "store":
        await call.call(plugin, args[0] as Exported, this.#staging(scope), this.#postProcessContext(scope))
        return true
      case "open": {
        const [file, from, lengths] = args as [ManifestFile, number, Record<string, number>]
        return this.#open(plugin as never, file, from, lengths, scope)
      }
      default:
        return call.call(plugin, ...args, this.#actContext(scope))
    }
  }

  settle(request: number, outcome: Outcome): void {
    this.#pending.get(request)?.(outcome)
    this.#pending.delete(request)
  }

  abort(): void {
    this.#stop.abort()
  }

  #request({ context }: CallScope, method: string, ...args: unknown[]): Promise<unknown> {
    const request = ++this.#requests
    return new Promise((resolve, reject) => {
      this.#pending.set(request, (outcome) =>
        outcome.ok ? resolve(outcome.value) : reject(errorOf(outcome)),
      )
      this.#send({ kind: "request", request, context, method, args })
    })
  }

  #notify({ context, key }: CallScope, saying: Notice): void {
    this.#send({ kind: "says", context, key, saying: truncateNotice(saying, maxSentLength) })
  }

  #files(scope: CallScope): ReturnType<typeof systemFiles> {
    return systemFiles((path, error) =>
      this.#notify(scope, {
        what: "trouble",
        path,
        code: (error as NodeJS.ErrnoException).code,
        message: error.message,
      }),
    )
  }

  #savedExports(id: SessionId): ReturnType<ActContext["savedExports"]> {
    this.#saved ??= readEverySaved(this.#facts.paths)
    return this.#saved.of(id)
  }

  /** The same object for every call of one plugin in one context: its cache is shared between them. */
  #actContext(scope: CallScope): ActContext {
    const name = `${scope.context} ${scope.key}`
    const known = this.#contexts.get(name)
    if (known !== undefined) return known
    const context = this.#newActContext(scope)
    this.#contexts.set(name, context)
    return context
  }

  #newActContext(scope: CallScope): ActContext {
    const { self, paths, homes, now, hungAfterMs } = this.#facts
    const remote = <T>(method: string) =>
      ((...args: unknown[]) => this.#request(scope, method, ...args) as T) as never
    return {
      files: this.#files(scope),
      processes: {
        list: remote("list"),
        details: remote("details"),
        openFiles: remote("openFiles"),
        probe: remote("probe"),
      },
      unreadInput: remote("unreadInput"),
      savedExports: (id) => this.#savedExports(id),
      self: { ...self, environment: { ...process.env } as Record<string, string> },
      paths,
      homes,
      options: scope.options,
      now,
      hungAfterMs,
      resample: remote("resample"),
      resampleLater: remote("resampleLater"),
      warn: (message) => this.#notify(scope, { what: "warn", message: String(message) }),
      reject: (pid, why) => this.#notify(scope, { what: "reject", pid, why: String(why) }),
      reportHelper: (process) => this.#notify(scope, { what: "helper", process }),
      cache: new Map(),
      signal: this.#stop.signal,
      save: remote("save"),
    }
  }

  #postProcessContext(scope: CallScope): PostProcessContext {
    const { signal } = this.#stop
    const { paths } = this.#facts
    return {
      files: this.#files(scope),
      log: (message) => this.#notify(scope, { what: "log", message: String(message) }),
      run: (program, options = {}) => runProgram(program, { ...options, signal }),
      paths,
      options: scope.options,
      index: (exported) =>
        this.#readers.index(
          exported,
          paths.data,
          (message) => this.#notify(scope, { what: "warn", message }),
          signal,
        ),
      messages: (exported) => this.#readers.messages(exported, signal),
      writeWhole: writeWholeFile,
      signal,
    }
  }

  #staging(scope: CallScope): ArchiveStaging {
    return {
      create: (name) => {
        const created = this.#request(scope, "create", name)
        created.catch(() => {}) // the rejection surfaces at the next operation on the file
        return {
          add: async (bytes) => {
            await created
            await this.#request(scope, "add", name, bytes)
          },
          end: async () => {
            await created
            await this.#request(scope, "end", name)
          },
        }
      },
      keep: (name, path) => this.#request(scope, "keep", name, path) as Promise<void>,
    }
  }

  async #open(
    plugin: ArchivePlugin,
    file: ManifestFile,
    from: number,
    lengths: Record<string, number>,
    scope: CallScope,
  ): Promise<true> {
    const source: ArchiveSource = {
      names: () => Object.keys(lengths),
      length(name) {
        const length = lengths[name]
        if (length === undefined) throw new Error(`the archive has no file ${name}`)
        return length
      },
      read: (name, offset, length) =>
        this.#request(scope, "read", name, offset, length) as Promise<Uint8Array>,
    }
    for await (const bytes of plugin.open(source, file, from)) {
      if ((await this.#request(scope, "take", bytes)) === false) break
    }
    return true
  }
}

function errorOf(outcome: Extract<Outcome, { ok: false }>): Error {
  if (outcome.code === undefined) return new Error(outcome.message)
  return new RescueError(outcome.code as ErrorCode, outcome.message, outcome.hint ?? "")
}
