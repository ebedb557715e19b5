/** Archives every file unchanged. */
import { definePlugin } from "session-rescue"

const chunkBytes = 1 << 20

export default definePlugin({
  name: "archive-move",
  stage: "archive",
  async store(exported, staging) {
    for (const file of exported.manifest?.files ?? []) await staging.keep(file.path, file.path)
  },
  async *open(source, file, from) {
    const length = source.length(file.path)
    for (let offset = from; offset < length; offset += chunkBytes) {
      const bytes = await source.read(file.path, offset, Math.min(chunkBytes, length - offset))
      if (bytes.length === 0) return
      yield bytes
    }
  },
})
