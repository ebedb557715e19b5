import { dirname, join } from "node:path"
import { withoutMarkedLines } from "../../session/start-up-text.ts"
import { discard, removeFile } from "../../system/durable.ts"
import { readOwnFile, removeEmptyFolder, replaceOwnFile } from "../../system/own-files.ts"
import { ownProgram } from "../../system/own-program.ts"
import type { Paths } from "../../system/paths.ts"
import type { Context } from "../context.ts"
import { detectAll } from "../detect.ts"
import { type CatalogEntry, selectExports } from "../name-exports.ts"
import { failure, type SetupStep } from "./steps.ts"

/** Takes the line for PATH, which install.sh wrote, out of the shells' start-up files. */
export async function forgetPath(
  home: string,
  zdotdir: string | undefined,
  dryRun: boolean,
): Promise<SetupStep[]> {
  const names = [".profile", ".bashrc", ".bash_profile", ".zshrc", ".config/fish/config.fish"]
  const files = [
    ...names.map((name) => `${home}/${name}`),
    ...(zdotdir?.startsWith("/") ? [`${zdotdir}/.zshrc`] : []),
  ]
  const steps: SetupStep[] = []
  for (const path of new Set(files)) {
    const step = (action: SetupStep["action"], why: string | null = null): SetupStep => {
      return { what: "path", name: "the line for PATH", path, action, why }
    }
    try {
      const text = readOwnFile(path)
      const after = text === null ? null : withoutMarkedLines(text)
      if (text === null || after === null || after === text) continue
      const done = dryRun || (await replaceOwnFile(path, after, { expected: text, mode: 0o600 }))
      steps.push(done ? step("removed") : step("failed", "it was changed just now"))
    } catch (error) {
      steps.push(step("failed", failure(error)))
    }
  }
  return steps
}

/** What a purge would take for good. */
export interface Purge {
  readonly exports: readonly Extract<CatalogEntry, { kind: "export" }>[]
  readonly bytes: number
  /** Those whose session is in no client's home any more: nothing else is left of it. */
  readonly onlyCopies: number
  /** What lies there and is not an export of ours: it stays. */
  readonly others: number
}

export async function planPurge(paths: Paths, ctx: Context): Promise<Purge> {
  const all = selectExports([], paths)
  const exports = all.flatMap((entry) => (entry.kind === "export" ? [entry] : []))
  const alive = new Set((await detectAll(ctx, null)).flatMap((session) => session.id ?? []))
  const sizes = exports.flatMap(({ saved }) => saved.archive?.stored ?? saved.manifest.files)
  return {
    exports,
    bytes: sizes.reduce((sum, file) => sum + file.length, 0),
    onlyCopies: exports.filter(({ id }) => !alive.has(id)).length,
    others: all.length - exports.length,
  }
}

const parts = [".jsonl", ".archive.json", ".manifest.json", ".jsonl.zst", ".files", ".queue"]

/** Removes our exports, the index and the log; whatever else lies in the data folder is somebody else's. */
export function purge({ exports }: Purge, paths: Paths, ctx: Context, dryRun: boolean): readonly SetupStep[] {
  const steps = exports.map(({ place, name, saved }): SetupStep => {
    const folder = place === "pending" ? paths.pending : paths.archive
    const stored = (saved.archive?.stored ?? []).filter(
      ({ path }) => path.startsWith(`${name}.`) && !path.includes(".."),
    )
    const all = [...parts.map((part) => `${name}${part}`), ...stored.map(({ path }) => path)].map(
      (path) => `${folder}/${path}`,
    )
    if (!dryRun) for (const path of all) discard(path)
    const left = dryRun ? undefined : all.find((path) => ctx.files.look(path) !== null)
    return {
      what: "data",
      name,
      path: saved.path,
      ...(left === undefined ? gone : { action: "failed", why: left }),
    }
  })
  const storage = `${paths.data}/context-storage`
  const ours = ctx.files
    .names(storage)
    .flatMap((name) => (/^session-rescue\.db/.test(String(name)) ? [`${storage}/${name}`] : []))
  for (const path of ours) {
    if (!dryRun) discard(path)
    steps.push({ what: "data", name: "the index", path, ...gone })
  }
  if (!dryRun) for (const folder of [storage, paths.pending, paths.archive]) removeEmptyFolder(folder)
  return steps
}

const gone = { action: "removed", why: null } as const

/** The hooks' log, and the data folder where nothing is left in it. */
export function forgetLog(paths: Paths, ctx: Context, dryRun: boolean): readonly SetupStep[] {
  const steps = ["hook.log", "hook.log.1"].flatMap((name): SetupStep[] => {
    const path = `${paths.data}/${name}`
    if (ctx.files.look(path) === null) return []
    if (!dryRun) discard(path)
    return [{ what: "data", name: "the hooks' log", path, ...gone }]
  })
  if (!dryRun) removeEmptyFolder(paths.data)
  return steps
}

/** The binary itself, and the name on PATH that leads to it. A running program's file may go: it runs on. */
export function removeBinary(ctx: Context, dryRun: boolean): readonly SetupStep[] {
  const { path, isBinary } = ownProgram()
  if (!isBinary) return []
  const real = ctx.files.real(path) ?? path
  if (ctx.files.look(join(dirname(real), "../build.ts")) !== null) {
    const why = "it lies in a checkout, where a build put it"
    return [{ what: "binary", name: "session-rescue", path: real, action: "kept", why }]
  }
  return [...new Set([path, real])].map((each) => {
    const step = { what: "binary", name: "session-rescue", path: each } as const
    try {
      if (!dryRun) removeFile(each)
      return { ...step, ...gone }
    } catch (error) {
      return { ...step, action: "failed", why: failure(error) }
    }
  })
}
