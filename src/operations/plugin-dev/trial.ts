import { isStoredName } from "../../domain/export/archive-record.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { silent } from "../../domain/progress.ts"
import { version } from "../../domain/version.ts"
import { IndexSession } from "../../pipeline/indexing/index-session.ts"
import { runPostProcess } from "../../pipeline/queue/post-process.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { UserPlugin, UserPlugins } from "../../plugin-host/host/user-plugins.ts"
import { timeLimits } from "../../plugin-host/protocol/messages.ts"
import type { PostProcessRun } from "../../plugin-host/protocol/post-process-run.ts"
import { actProxy } from "../../plugin-host/proxies/act.ts"
import { archiveProxy } from "../../plugin-host/proxies/archive.ts"
import { classifyProxy } from "../../plugin-host/proxies/classify.ts"
import { detectProxy } from "../../plugin-host/proxies/detect.ts"
import { save } from "../../rescue/export/save.ts"
import type { ArchivePlugin, PostProcessContext } from "../../sdk/contracts.ts"
import type { Sample } from "./sample.ts"
import { checkSink } from "./sink-trial.ts"
import { checkStore } from "./store-trial.ts"

/** Describes what a plugin did with the sample; throws when it failed. */
export async function checkRun(
  plugin: UserPlugin,
  users: UserPlugins,
  sample: Sample,
  warn: (message: string) => void,
): Promise<string> {
  const ctx = { ...sample.ctx, warn }
  switch (plugin.stage) {
    case "detect": {
      const proxy = detectProxy(plugin, users)
      const found = assertLoaded(plugin, await proxy.detect(ctx))
      for (const each of found) await proxy.examine(each, ctx)
      const many = `found and examined ${found.length} in the sample home`
      return found.length === 0 ? "found no session in the sample home" : many
    }
    case "classify": {
      const said: string[] = []
      for (const { message, session } of sample.situations) {
        const verdict = assertLoaded(plugin, await classifyProxy([plugin], users).classify(session, ctx))
        const words = verdict === null ? "left to the others" : `${verdict.state} · ${verdict.detail}`
        said.push(`${message}: ${words}`)
      }
      return said.join("; ")
    }
    case "act": {
      const saving = {
        ...sample.paths,
        ...{ md5: false, unchanged: "read" as const, version },
        now: () => new Date(),
        progress: silent(ctx.signal),
        warn,
        readStored: storedReader(ctx.plugins),
      }
      const result = await actProxy(plugin, users).act(sample.session, {
        ...ctx,
        save: (plan) => save(plan, saving),
      })
      return `answered ${JSON.stringify(result)}`
    }
    case "post-process": {
      const { path, options, settings, meta, name } = plugin
      const proxy = { name, stage: plugin.stage, on: meta?.on ?? "export", run: async () => null } as const
      const loaded = { plugin: proxy, source: "user", path, timeoutMs: settings.timeoutMs, options } as const
      const timeoutMs = settings.timeoutMs ?? timeLimits[plugin.stage]
      const index = new IndexSession(ctx.paths.data, warn)
      const readIntoIndex: PostProcessRun["readIntoIndex"] = (exported, signal) =>
        index.readExport(exported, signal)
      const run = { signal: ctx.signal, warn, options, timeoutMs, paths: ctx.paths, readIntoIndex }
      const outcome = await runPostProcess(loaded, sample.exported, run).finally(() => index.close())
      if (!outcome.ok) throw new Error(outcome.why)
      return `answered ${JSON.stringify(outcome.result)}`
    }
    case "archive":
      return checkArchiver(archiveProxy(plugin, users), sample, warn)
    case "store":
      return checkStore(plugin, users, ctx)
    case "sink":
      return checkSink(plugin, users, ctx)
  }
}

/** A disabled plugin has already reported why. */
function assertLoaded<T>(plugin: UserPlugin, answer: T): T {
  if (plugin.state !== "loaded") throw new Error(plugin.why ?? "it failed")
  return answer
}

/** Stores the sample in memory, and reads it back. */
async function checkArchiver(
  plugin: ArchivePlugin,
  { ctx, exported }: Sample,
  warn: (message: string) => void,
): Promise<string> {
  const made = new Map<string, Uint8Array[]>()
  const { files, paths, signal } = ctx
  const place = (name: string) => {
    if (isStoredName(name, exported.name) && !made.has(name)) return
    throw new Error(`${JSON.stringify(name)} is not a valid name: storedName(file.path, ".ending") makes one`)
  }
  const staging = {
    create(name: string) {
      const parts: Uint8Array[] = []
      place(name)
      made.set(name, parts)
      return { add: async (bytes: Uint8Array) => void parts.push(bytes), end: async () => {} }
    },
    async keep(name: string, path: string) {
      const file = exported.files.find((each) => each.path.endsWith(`/${path}`))
      place(name)
      made.set(name, [(file && files.read(file.path, 0, file.length)) ?? Buffer.of()])
    },
  }
  const context: PostProcessContext = {
    files,
    paths,
    signal,
    options: {},
    index: () => Promise.reject(new Error("not here")),
    messages: () => {
      throw new Error("not here")
    },
    writeWhole: () => Promise.reject(new Error("not here")),
    log: warn,
    run: () => Promise.reject(new Error("not here")),
  }
  await plugin.store(exported, staging, context)
  const stored = new Map([...made].map(([name, parts]) => [name, Buffer.concat(parts)]))
  const source = {
    names: () => [...stored.keys()],
    length: (name: string) => stored.get(name)?.length ?? 0,
    read: async (name: string, offset: number, length: number) =>
      (stored.get(name) ?? Buffer.of()).subarray(offset, offset + length),
  }
  for (const file of exported.manifest?.files ?? []) await compareFile(plugin, source, file)
  const bytes = [...stored.values()].reduce((sum, each) => sum + each.length, 0)
  return `stored the sample in ${bytes} bytes and gave it back as it was`
}

async function compareFile(
  plugin: ArchivePlugin,
  source: Parameters<ArchivePlugin["open"]>[0],
  file: ManifestFile,
): Promise<void> {
  const sha256 = new Bun.CryptoHasher("sha256")
  for await (const bytes of plugin.open(source, file, 0)) sha256.update(bytes)
  if (sha256.digest("hex") !== file.sha256)
    throw new Error(`what it gives back of ${file.path} is not what it was given`)
}
