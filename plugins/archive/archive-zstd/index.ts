/**
 * Stores each file as independent zstd frames with a seek table: `zstd -d` reads it, and a record can be read
 * by offset.
 */
import { type ArchiveContext, compressFrame, decompressFrame, definePlugin, storedName } from "session-rescue"
import { readSeekTable, type Seekable, seekTable } from "./seek-table.ts"

/** Reading a record decodes one frame. On transcripts larger frames saved nothing (2 and 4 MiB). */
const frameBytes = 1 << 20
/** Measured on transcripts: 1 is no faster and 3 % larger, 9 takes six times as long for 6 % less. */
const level = 3
const ending = ".zst"
/** Frames processed concurrently; decoding keeps two cores busy with fewer, which are larger then. */
const width = 3
const readingWidth = 2

export default definePlugin({
  name: "archive-zstd",
  stage: "archive",
  async store(exported, staging, ctx) {
    const folder = exported.path.slice(0, exported.path.lastIndexOf("/"))
    for (const file of exported.manifest?.files ?? []) {
      const target = staging.create(storedName(file.path, ending))
      const frames: { packed: number; length: number }[] = []
      const working: Promise<{ packed: Uint8Array; length: number }>[] = []
      const take = async () => {
        const frame = await working.shift()
        if (frame === undefined) return
        frames.push({ packed: frame.packed.length, length: frame.length })
        await target.add(frame.packed)
      }
      for (let offset = 0; offset < file.length; offset += frameBytes) {
        const length = Math.min(frameBytes, file.length - offset)
        working.push(pack(`${folder}/${file.path}`, offset, length, ctx))
        if (working.length >= width) await take()
      }
      while (working.length > 0) await take()
      await target.add(seekTable(frames))
      await target.end()
    }
  },
  async *open(source, file, from) {
    const name = storedName(file.path, ending)
    const table = await readSeekTable(source, name)
    const unpack = async ({ at, packed, length }: Seekable) =>
      decompressFrame(await source.read(name, at, packed), length)
    const wanted = table.filter((frame) => frame.begins + frame.length > from)
    const working: Promise<Uint8Array>[] = []
    for (const [n, frame] of wanted.entries()) {
      for (let ahead = n + working.length; working.length < readingWidth && ahead < wanted.length; ahead++) {
        const next = unpack(wanted[ahead] as Seekable)
        next.catch(() => {}) // the rejection surfaces when it is awaited
        working.push(next)
      }
      const bytes = (await working.shift()) ?? new Uint8Array()
      yield bytes.subarray(Math.max(0, from - frame.begins))
    }
  },
})

async function pack(path: string, offset: number, length: number, ctx: ArchiveContext) {
  const bytes = ctx.files.read(path, offset, length)
  if (bytes?.length !== length) throw new Error(`${path} cannot be read whole`)
  return { packed: await compressFrame(bytes, level), length }
}
