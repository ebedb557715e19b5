import type { Stage } from "../../sdk/contracts.ts"
import { sinkTemplate } from "./sink-template.ts"

/** A working example for each stage: written by `plugin new` and run by a test. */
export function templateFor(stage: Stage, name: string): string {
  return `${templates[stage].replaceAll("NAME", name).trim()}\n`
}

const templates: Readonly<Record<Stage, string>> = {
  detect: `
import { definePlugin, type FoundSession, joinPath, parseSessionId, showPath } from "session-rescue"

// One agent: where its sessions lie, without reading them, and then one of them more closely.
// This one lists ~/.NAME/sessions/<id>.jsonl.
export default definePlugin({
  name: "NAME",
  stage: "detect",
  agent: "NAME",
  async detect(ctx) {
    const home = \`\${ctx.paths.home}/.NAME\`
    const folder = \`\${home}/sessions\`
    return ctx.files.names(folder).flatMap((file): FoundSession[] => {
      const id = parseSessionId(showPath(file).replace(/\\.jsonl$/, ""))
      const transcript = joinPath(folder, file)
      const stat = ctx.files.stat(transcript)
      if (id === null || stat === null) return []
      return [
        {
          agent: "NAME",
          id,
          home,
          transcript,
          transcriptSize: stat.size,
          modifiedAt: stat.modifiedAt,
          process: null,
          candidates: [],
          current: null,
          reported: null,
          purgeAt: null,
          identity: [],
          flags: [],
          detectData: {},
        },
      ]
    })
  },
  async examine(found, ctx) {
    const { transcript } = found
    const stat = transcript === null ? null : ctx.files.stat(transcript)
    const size = stat?.size ?? 0
    const footprint =
      transcript === null || stat === null
        ? []
        : [
            {
              path: transcript,
              relative: \`sessions/\${found.id}.jsonl\`,
              kind: "file" as const,
              size,
              modifiedAt: stat.modifiedAt,
            },
          ]
    return {
      ...found,
      transcriptSize: size,
      footprint,
      sizeBytes: size,
      lastActivity: stat?.modifiedAt ?? null,
      turn: { phase: "unknown", openCalls: [], lastRecordAt: null, message: "not read" },
      conversation: size === 0 ? "empty" : "whole",
      exitedCleanly: null,
      title: null,
      cwd: null,
      gitBranch: null,
      version: null,
      startedAt: null,
      contextTokens: null,
    }
  },
})
`,
  classify: `
import { day, definePlugin } from "session-rescue"

// The first plugin that does not answer null decides; yours are asked before ours. A session with a process is
// ACTIVE or HUNG, one without is ORPHANED; anything else is not believed.
export default definePlugin({
  name: "NAME",
  stage: "classify",
  async classify(session, ctx) {
    if (session.process !== null || session.lastActivity === null) return null
    const age = ctx.now - session.lastActivity
    if (age < 7 * day) return null
    const message = \`nothing was written for \${Math.floor(age / day)} days\`
    return { state: "ORPHANED", detail: "long forgotten", evidence: [{ signal: "age", message }], flags: [] }
  },
})
`,
  act: `
import { definePlugin } from "session-rescue"

// Run with: session-rescue act NAME SESSION…
export default definePlugin({
  name: "NAME",
  stage: "act",
  async act(session, ctx) {
    const stat = session.transcript === null ? null : ctx.files.stat(session.transcript)
    return { id: session.id, state: session.state, detail: session.detail, bytes: stat?.size ?? 0 }
  },
})
`,
  "post-process": `
import { definePlugin } from "session-rescue"

// Called after every export, and perhaps twice for one. Under [plugins.NAME] in config.toml: program = ["notify-send"].
export default definePlugin({
  name: "NAME",
  stage: "post-process",
  on: "export",
  options: { program: "strings" },
  async run(exported, ctx) {
    const program = (ctx.options.program as string[] | undefined) ?? ["echo"]
    const { code, stderr } = await ctx.run([...program, \`saved \${exported.name}\`])
    if (code !== 0) throw new Error(\`\${program[0]} failed: \${stderr}\`)
    return { told: program[0] }
  },
})
`,
  archive: `
import { definePlugin, storedName } from "session-rescue"

const ending = ".plain"
const step = 1 << 20

// Chosen in config.toml with archiver = "NAME". This one keeps the files as they are; begin with what it makes of them.
export default definePlugin({
  name: "NAME",
  stage: "archive",
  async store(exported, staging, ctx) {
    const folder = exported.path.slice(0, exported.path.lastIndexOf("/"))
    for (const { path, length } of exported.manifest?.files ?? []) {
      const file = staging.create(storedName(path, ending))
      for (let offset = 0; offset < length; offset += step) {
        const bytes = ctx.files.read(\`\${folder}/\${path}\`, offset, Math.min(step, length - offset))
        if (bytes === null) throw new Error(\`\${path} cannot be read\`)
        await file.add(bytes)
      }
      await file.end()
    }
  },
  async *open(source, file, from) {
    const name = storedName(file.path, ending)
    for (let offset = from; offset < source.length(name); offset += step) {
      yield await source.read(name, offset, Math.min(step, source.length(name) - offset))
    }
  },
})
`,
  store: `
import { definePlugin, RescueError, type SharedFolder, type StoreContext } from "session-rescue"

// Chosen in config.toml with plugin = "NAME" under [team.store]. This one keeps a team's archive in a folder; begin with
// what becomes of the five functions elsewhere.
export default definePlugin({
  name: "NAME",
  stage: "store",
  options: { folder: "string" },
  put: async (name, object, ctx) => (await folderOf(ctx)).create(name, object),
  async *open(name, from, ctx) {
    yield* (await folderOf(ctx)).read(name, from)
  },
  async *list(prefix, ctx) {
    const folder = await folderOf(ctx)
    const top = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/")))
    for await (const names of folder.names(top))
      yield names
        .filter((name) => name.startsWith(prefix))
        .map((name) => ({ name, length: folder.length(name) ?? 0, sha256: null }))
  },
  async head(name, ctx) {
    const length = (await folderOf(ctx)).length(name)
    return length === null ? null : { name, length, sha256: null }
  },
  remove: async (name, ctx) => (await folderOf(ctx)).remove(name),
})

async function folderOf(ctx: StoreContext): Promise<SharedFolder> {
  const own = \`\${ctx.paths.home}/NAME-store\`
  const folder = (ctx.options.folder as string | undefined) ?? own
  if (folder === own) await ctx.run(["mkdir", "-p", own])
  const shared = ctx.sharedFolder(folder)
  if (!shared.exists("")) throw new RescueError("STORE_UNAVAILABLE", \`\${folder} is not there\`, "mount it")
  return shared
}
`,
  sink: sinkTemplate,
}

export const editorSettings = `${JSON.stringify(
  {
    compilerOptions: {
      target: "ESNext",
      module: "Preserve",
      moduleResolution: "bundler",
      lib: ["ESNext", "DOM"],
      types: [],
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      paths: { "session-rescue": ["./session-rescue.d.ts"] },
    },
  },
  null,
  2,
)}\n`
