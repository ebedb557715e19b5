/** The worker process that runs user plugins. */
import { dirname, isAbsolute } from "node:path"
import { MiB } from "../../domain/bytes.ts"
import { isRescueError } from "../../domain/errors.ts"
import * as sdk from "../../sdk/index.ts"
import { reasonUntrusted } from "../../system/fs/trust.ts"
import { openParentChannel, type ParentChannel } from "../../system/process/child-ipc.ts"
import {
  type FromWorker,
  type Outcome,
  type PluginCall,
  type ToWorker,
  toFailure,
} from "../protocol/messages.ts"
import { WorkerContext, type WorkerReaders } from "./worker-context.ts"

/**
 * The worker: our own program, started again. It loads user plugins, calls them as requested, and returns
 * their answers without validation. false when there is no parent process.
 */
export async function serveAsWorker(readers: WorkerReaders): Promise<boolean> {
  const line = await openParentChannel()
  if (line === null) return false
  const worker = new PluginWorker(line, readers)
  line.onMessage((message) => worker.hear(message as ToWorker))
  return true
}

type Module = Readonly<Record<string, unknown>>

class UntrustedImport extends Error {
  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message)
  }
}

class PluginWorker {
  readonly #line: ParentChannel
  readonly #readers: WorkerReaders
  readonly #plugins = new Map<string, Module>()
  #context: WorkerContext | null = null

  constructor(line: ParentChannel, readers: WorkerReaders) {
    this.#line = line
    this.#readers = readers
  }

  tell(message: FromWorker): void {
    this.#line.send(message)
  }

  hear(message: ToWorker): void {
    switch (message.kind) {
      case "ping":
        this.tell({ kind: "pong" })
        break
      case "load":
        this.#context = new WorkerContext(message.facts, this.#readers, (each) => this.tell(each))
        void this.#load(message.plugins, message.facts.paths.home)
        break
      case "ask":
        void this.#ask(message.call, message.question)
        break
      case "answer":
        this.#context?.settle(message.request, message.outcome)
        break
      case "abort":
        this.#context?.abort()
    }
  }

  async #load(plugins: Extract<ToWorker, { kind: "load" }>["plugins"], home: string): Promise<void> {
    offerSdk(home)
    for (const { key, path } of plugins) {
      this.tell({ kind: "loading", key })
      try {
        const { default: plugin } = (await import(path)) as { default?: unknown }
        const shape = describeModule(plugin)
        if (shape !== null) this.#plugins.set(key, plugin as Module)
        this.tell({ kind: "loaded", key, shape })
      } catch (error) {
        this.tell({ kind: "unloadable", key, why: describeError(error), fix: fixOf(error) })
      }
    }
  }

  /** In order, until one answer is not null. */
  async #ask(call: number, question: PluginCall): Promise<void> {
    for (const [index, { key, options, timeoutMs }] of question.plugins.entries()) {
      const outcome = await this.#askOne(question, key, options, timeoutMs)
      const last = index === question.plugins.length - 1 || (outcome.ok && outcome.value !== null)
      try {
        this.tell({ kind: "answered", call, key, outcome, last })
      } catch (error) {
        const why = `what it answered is not plain data (${(error as Error).message})`
        this.tell({ kind: "answered", call, key, outcome: { ok: false, message: why }, last })
      }
      if (last) return
    }
  }

  async #askOne(
    { method, args, context }: PluginCall,
    key: string,
    options: Readonly<Record<string, unknown>>,
    timeoutMs: number,
  ): Promise<Outcome> {
    const plugin = this.#plugins.get(key)
    const worker = this.#context
    if (plugin === undefined || worker === null) return { ok: false, message: "it was never loaded" }
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve({ ok: false, message: "late", code: "LATE" }), timeoutMs)
    })
    try {
      const work = async (): Promise<Outcome> => {
        const value = await worker.perform(plugin, method, args, { key, context, options })
        return isTooLong(value) ? { ok: false, message: tooLongMessage } : { ok: true, value: value ?? null }
      }
      return await Promise.race([work(), late])
    } catch (error) {
      return toFailure(
        isRescueError(error) || error instanceof Error ? error : new Error(describeError(error)),
      )
    } finally {
      clearTimeout(timer)
    }
  }
}

const maxAnswerLength = 64 * MiB
const tooLongMessage = "its answer is larger than 64 MB"

/** Checked here, because the parent would hold the whole value before it could check it. */
function isTooLong(value: unknown): boolean {
  try {
    return (JSON.stringify(value)?.length ?? 0) > maxAnswerLength
  } catch (error) {
    // RangeError: exceeds the maximum string length; the caller rejects other non-JSON values
    return error instanceof RangeError
  }
}

/** Anything a plugin imports has to be as trustworthy as the plugin itself. */
function offerSdk(home: string): void {
  Bun.plugin({
    name: "session-rescue",
    setup(build) {
      build.module("session-rescue", () => ({ exports: { ...sdk }, loader: "object" }))
      build.onResolve({ filter: /^[^$]/ }, ({ path, importer }) => {
        if (path === "session-rescue" || /^(node|bun):/.test(path)) return undefined
        const found = isAbsolute(path) ? path : resolveFrom(path, dirname(importer))
        if (found === null || !isAbsolute(found) || found.startsWith("/$bunfs/")) return undefined
        const distrust = reasonUntrusted(found, home)
        if (distrust !== null) throw new UntrustedImport(distrust.reason, distrust.fix)
        return undefined
      })
    },
  })
}

/** null when not found: the import itself then gives the better error. */
function resolveFrom(path: string, folder: string): string | null {
  try {
    return Bun.resolveSync(path, folder)
  } catch {
    return null
  }
}

/** What is known about a plugin without calling it: its plain values and the names of its functions. */
function describeModule(plugin: unknown): Record<string, unknown> | null {
  if (typeof plugin !== "object" || plugin === null) return null
  const entries = Object.entries(plugin).map(([name, value]) => [
    name,
    typeof value === "function" ? "(function)" : toPlain(value),
  ])
  return Object.fromEntries(entries)
}

function toPlain(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null")
  } catch {
    return null
  }
}

/** Syntax errors arrive as an aggregate of all errors found. */
function describeError(error: unknown): string {
  if (error instanceof AggregateError || Array.isArray((error as { errors?: unknown } | null)?.errors)) {
    const { errors } = error as {
      errors: { message?: string; position?: { line: number; column: number } }[]
    }
    return errors
      .map(({ message, position }) => (position ? `line ${position.line}: ${message}` : String(message)))
      .join("; ")
  }
  const { message, position } = (error ?? {}) as { message?: string; position?: { line: number } | null }
  return position ? `line ${position.line}: ${message}` : String(message ?? error)
}

function fixOf(error: unknown): string | null {
  return typeof (error as UntrustedImport | null)?.fix === "string" ? (error as UntrustedImport).fix : null
}
