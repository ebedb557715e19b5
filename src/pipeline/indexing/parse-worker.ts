/** The thread that reads and parses transcripts for the one that writes the index: see parse-ahead.ts. */

import { type BatchMemory, FilePacker } from "../../index/index.ts"
import { readRange } from "../../system/fs/read-range.ts"
import { builtInDetectPlugins } from "../plugin-registry.ts"
import type { FileRequest, ParseRequest } from "./parse-ahead.ts"

declare const self: Worker

const requests: FileRequest[] = []
const memories: BatchMemory[] = []
let wake: (() => void) | null = null

self.onmessage = ({ data }: MessageEvent<ParseRequest>) => {
  if ("files" in data) requests.push(...data.files)
  else memories.push(data)
  wake?.()
}

async function message(): Promise<void> {
  await new Promise<void>((resolve) => {
    wake = resolve
  })
  wake = null
}

const packer = new FilePacker()

function send(): void {
  const batch = packer.take()
  if (batch !== null) postMessage(batch, [batch.texts.buffer, batch.numbers.buffer])
}

async function provideMemory(): Promise<void> {
  while (packer.needsMemory) {
    const memory = memories.shift()
    if (memory === undefined) await message()
    else packer.use(memory)
  }
}

async function parse({ agent, path, ...file }: FileRequest): Promise<void> {
  const read = builtInDetectPlugins().find((plugin) => plugin.agent === agent)?.readRecord ?? (() => null)
  await provideMemory()
  for (const _ of packer.pack({ ...file, read, open: () => readRange(path, 0) })) {
    send()
    await provideMemory()
  }
}

async function run(): Promise<never> {
  for (;;) {
    const request = requests.shift()
    if (request !== undefined) await parse(request)
    else {
      send() // the receiver may be waiting for it
      await message()
    }
  }
}

postMessage("ready")
run()
