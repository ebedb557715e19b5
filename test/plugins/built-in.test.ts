/** What is written without its type is not checked by the compiler: optional members of a plugin least of all. */
import { expect, test } from "bun:test"
import { builtInList } from "../../src/pipeline/plugin-registry.ts"
import type {
  ActPlugin,
  ArchivePlugin,
  ClassifyPlugin,
  DetectPlugin,
  PostProcessPlugin,
  SinkPlugin,
  Stage,
  StorePlugin,
} from "../../src/sdk/contracts.ts"

/** Every member of a stage's plugins, optional ones too: the compiler refuses a list that lacks one. */
const members = {
  detect: namesOf<DetectPlugin>({
    name: 1,
    options: 1,
    stage: 1,
    agent: 1,
    testedVersions: 1,
    detect: 1,
    storedSessions: 1,
    examine: 1,
    referencedFiles: 1,
    homes: 1,
    ownsPath: 1,
    unknownFiles: 1,
    otherHomes: 1,
    missingSessions: 1,
    refiledPath: 1,
    soleFile: 1,
    transcriptRules: 1,
    readRecord: 1,
    tokenUsage: 1,
    transcriptFiles: 1,
    sharedFiles: 1,
    changingFolders: 1,
    isClientProgram: 1,
    sessionVariable: 1,
    processVariable: 1,
  }),
  classify: namesOf<ClassifyPlugin>({ name: 1, options: 1, stage: 1, order: 1, classify: 1 }),
  act: namesOf<ActPlugin>({ name: 1, options: 1, stage: 1, act: 1 }),
  "post-process": namesOf<PostProcessPlugin>({
    name: 1,
    options: 1,
    stage: 1,
    on: 1,
    order: 1,
    needs: 1,
    run: 1,
  }),
  archive: namesOf<ArchivePlugin>({ name: 1, options: 1, stage: 1, store: 1, open: 1 }),
  store: namesOf<StorePlugin>({
    ...{ name: 1, options: 1, stage: 1 },
    ...{ put: 1, open: 1, list: 1, head: 1, remove: 1 },
  }),
  sink: namesOf<SinkPlugin>({
    ...{ name: 1, options: 1, stage: 1 },
    ...{ prepare: 1, identity: 1, add: 1, forget: 1, search: 1, close: 1 },
  }),
} satisfies Record<Stage, readonly string[]>

function namesOf<T>(all: Record<keyof Required<T>, 1>): readonly string[] {
  return Object.keys(all)
}

test.each(builtInList.map((plugin) => [plugin.name, plugin] as const))(
  "%s has no member that its stage does not know, so that none goes unasked",
  (_, plugin) => {
    expect(Object.keys(plugin).filter((name) => !members[plugin.stage].includes(name))).toEqual([])
  },
)

test("Claude Code's plugin has every member there is but options, and three for other clients", () => {
  const detect = builtInList.find(({ stage, name }) => stage === "detect" && name === "claude-code")
  expect(detect).toBeDefined()
  expect(members.detect.filter((name) => !(name in (detect ?? {})))).toEqual([
    "options",
    "missingSessions",
    "soleFile",
    "processVariable",
  ])
})
